/** A kind of host that is tried together: controller model, hub in between, chip family. */
export interface Kind {
  readonly controller: string;
  /** Empty: straight on the controller. */
  readonly hub: string;
  readonly family: string;
}

/** "1b21:3042 behind 05e3:0610, F4". */
export const nameOfKind = ({ controller, hub, family }: Kind): string =>
  `${controller}${hub === "" ? "" : ` behind ${hub}`}, ${family}`;
