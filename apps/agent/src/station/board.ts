import type { NoticeMessage, StationNotice, StationSetup } from "@flashline/contract";
import type { AttachedUnit } from "@flashline/usb-host";
import { type Nest, newNest } from "../nests/nest.ts";
import { type NestEvent, reduceNest } from "../nests/reduce.ts";

/** The nests as they are now, and who wants to hear of a change. All changes of a nest go through its reducer. */
export interface Board {
  nests(): readonly Nest[];
  nest(name: string): Nest | undefined;
  /** The unit on the nest's port. */
  unitAt(nest: string): AttachedUnit | undefined;
  dispatch(nest: string, event: NestEvent): void;
  /** What is attached to this PC now. */
  onUnits(units: readonly AttachedUnit[]): void;
  /** Lets time pass for every nest. */
  tick(): void;
  applySetup(setup: StationSetup): void;
  readonly notice: StationNotice;
  notify(message: NoticeMessage): void;
  /** Says the present notice in other words. No sound comes with it again. */
  reword(message: NoticeMessage): void;
  /** Something that the page shows has changed without a nest. */
  touch(): void;
  subscribe(listener: () => void): () => void;
}

/** `now` is station time: milliseconds, any origin, as fast as the units' clock. */
export function createBoard(now: () => number): Board {
  let nests = new Map<string, Nest>();
  let units: readonly AttachedUnit[] = [];
  let seen = false;
  let notice: StationNotice = { count: 0, key: "nothing", kind: "info" };
  const listeners = new Set<() => void>();
  const changed = (): void => {
    for (const listener of listeners) listener();
  };

  const dispatch = (name: string, event: NestEvent): void => {
    const before = nests.get(name);
    if (before === undefined) return;
    const after = reduceNest(before, event, now());
    if (after === before) return;
    nests.set(name, after);
    changed();
  };
  const unitOn = (portPath: string) => units.find((unit) => unit.portPath === portPath);
  const look = (nest: Nest): void => {
    const unit = unitOn(nest.portPath);
    const event: NestEvent =
      unit === undefined
        ? { event: "port", unit: null, at: new Date().toISOString() }
        : {
            event: "port",
            unit: { deviceNumber: unit.deviceNumber, usbSerial: unit.serial },
          };
    dispatch(nest.name, event);
  };

  return {
    nests: () => [...nests.values()],
    nest: (name) => nests.get(name),
    unitAt(name) {
      const nest = nests.get(name);
      return nest === undefined ? undefined : unitOn(nest.portPath);
    },
    dispatch,
    onUnits(attached) {
      units = attached;
      seen = true;
      for (const nest of nests.values()) look(nest);
    },
    tick() {
      for (const { name } of nests.values()) dispatch(name, { event: "tick" });
    },
    applySetup(setup) {
      const next = setup.nests.map(({ name, portPath }): [string, Nest] => {
        const known = nests.get(name);
        return [name, known?.portPath === portPath ? known : newNest(name, portPath)];
      });
      // A working nest stays until its job has ended, and its label is done, even if the new setup does not have it.
      const working = [...nests].filter(
        ([name, nest]) =>
          (nest.state === "busy" || nest.state === "label") &&
          !next.some(([other]) => other === name),
      );
      nests = new Map([...next, ...working]);
      for (const { name, enabled } of setup.nests) dispatch(name, { event: "enabled", enabled });
      if (seen) for (const nest of nests.values()) look(nest);
      changed();
    },
    get notice() {
      return notice;
    },
    notify(message) {
      notice = { ...message, count: notice.count + 1 };
      changed();
    },
    reword(message) {
      notice = { ...message, count: notice.count };
      changed();
    },
    touch: changed,
    subscribe(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
  };
}
