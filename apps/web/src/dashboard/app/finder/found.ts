import {
  type HostView,
  normaliseSerial,
  type ReleaseView,
  type UnitView,
  type WorkOrderView,
} from "@flashline/contract";

/** Something with a page of its own that a text may mean. */
export interface Found {
  readonly kind: "unit" | "host" | "release" | "order" | "batch";
  /** What its page is opened by: an id; of an order its number, of a batch its name. */
  readonly id: string;
  readonly name: string;
  readonly detail: string;
  /** The text is its whole name, not a part of it. */
  readonly exact: boolean;
}

export interface Candidates {
  readonly units: readonly UnitView[];
  readonly hosts: readonly HostView[];
  readonly releases: readonly ReleaseView[];
  readonly orders: readonly WorkOrderView[];
  /** The batch of just this name, and a product that has it. */
  readonly batch?: { readonly name: string; readonly product: string } | undefined;
}

/** How many of one kind are shown. */
const SHOWN = 6;

const fold = (text: string): string => text.trim().toLowerCase();

/** What a typed or scanned text may mean; whole names first, then units, hosts, orders, releases and a batch. */
export function found(
  text: string,
  { units, hosts, releases, orders, batch }: Candidates,
): Found[] {
  const asked = fold(text);
  const serial = normaliseSerial(text);
  const named = (kind: Found["kind"], id: string, name: string, detail: string): Found => {
    const exact = kind === "unit" ? name === serial : fold(name) === asked;
    return { kind, id, name, detail, exact };
  };
  const has = (...words: readonly (string | null)[]): boolean =>
    words.some((word) => word !== null && fold(word).includes(asked));
  const all = [
    units.slice(0, SHOWN).map((unit) => named("unit", unit.id, unit.serial, unit.product)),
    hosts
      .filter((host) => has(host.name, host.machine, host.station))
      .slice(0, SHOWN)
      .map((host) => named("host", host.id, host.name, host.controllerName || host.controller)),
    orders
      .filter((order) => has(order.number))
      .slice(0, SHOWN)
      .map((order) => named("order", order.number, order.number, order.product)),
    releases
      .filter((release) => has(release.version))
      .slice(0, SHOWN)
      .map((release) => named("release", release.id, release.version, release.product)),
    batch === undefined ? [] : [named("batch", batch.name, batch.name, batch.product)],
  ].flat();
  return [...all.filter(({ exact }) => exact), ...all.filter(({ exact }) => !exact)];
}

/** The one thing that a scan means; undefined where it means nothing or several things. */
export function meant(all: readonly Found[]): Found | undefined {
  const exact = all.filter((one) => one.exact);
  return exact.length === 1 ? exact[0] : undefined;
}
