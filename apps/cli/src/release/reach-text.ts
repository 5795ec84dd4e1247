import type { ReleaseDryRun, ReleaseRadius } from "@flashline/contract";
import { plural, table } from "../terminal/units.ts";

const list = (names: readonly string[]): string => names.join(", ");
const lines = (all: readonly string[]): string =>
  all
    .filter((line) => line !== "")
    .map((line) => `  ${line}\n`)
    .join("");

const REACHED = {
  names: "names it",
  follows: "with --move-orders",
  channel: "by its channel",
  no: "not reached",
} as const;

/** What a release would reach, for a person. */
export function dryRunText(run: ReleaseDryRun): string {
  const { product, version, state, predecessor, refusal, orders, promotion } = run;
  const { canary, channels } = run;
  const rows = orders.map((order) => [
    `  ${order.number}`,
    order.channel === null ? order.version : `${order.version} (${order.channel})`,
    REACHED[order.reached],
    plural(order.left, "unit"),
    order.inWork === 0 ? "" : `${order.inWork} in work`,
    order.otherBoards === 0 ? "" : `${order.otherBoards} of other boards`,
    order.canaryAt.length === 0
      ? list(order.stations)
      : `canary at ${list(order.canaryAt)} of ${list(order.stations)}`,
  ]);
  return [
    `${product}@${version}  ${state}, ${predecessor === null ? "the first release" : `in place of ${predecessor}`}\n`,
    lines([
      refusal === null ? "" : `not now: ${refusal.message} (${refusal.code})`,
      canary === null
        ? `promoted: ${plural(promotion.orders, "order")}, ${plural(promotion.units, "unit")} left, at ${promotion.stations.length === 0 ? "no station" : list(promotion.stations)}`
        : `as a canary: ${plural(canary.orders, "order")}, at most ${plural(canary.units, "unit")}, at ${canary.stations.length === 0 ? "no station" : list(canary.stations)}`,
      ...channels.map(
        ({ name, version: now }) => `channel ${name}: ${now ?? "empty"} → ${version}`,
      ),
      promotion.inWork === 0
        ? ""
        : `${plural(promotion.inWork, "unit")} in work: they finish with what they have`,
      canary === null || canary.idle.length === 0
        ? ""
        : `no order with ${predecessor ?? "its predecessor"}: ${list(canary.idle)}`,
    ]),
    rows.length === 0 ? "  no open order of the product\n" : table(rows),
  ].join("");
}

const places = (all: ReleaseRadius["finishing"]): string =>
  list(all.map(({ station, nest, serial }) => `${serial} (${station}/${nest})`));

/** What a revocation would hit, for a person. */
export function radiusText(radius: ReleaseRadius): string {
  const { product, version, state, passed, failed, unknown } = radius;
  const { finishing, calledOff, orders, stations, channels, canaries, instead } = radius;
  return `${product}@${version}  ${state}; if it were revoked:\n${lines([
    `${plural(passed, "unit")} passed with it and ${passed === 1 ? "keeps" : "keep"} it; ${failed} failed`,
    unknown === 0 ? "" : `${plural(unknown, "unit")} may have it: how their job ended is not known`,
    finishing.length === 0 ? "" : `come to their end: ${places(finishing)}`,
    calledOff.length === 0 ? "" : `called off: ${places(calledOff)}`,
    ...radius.grants.map(
      ({ station, left, until }) =>
        `${station} hears of it only with the server; without, it flashes up to ${plural(left, "unit")} more, until ${until}`,
    ),
    ...orders.map(
      ({ number, left, stations: at }) =>
        `order ${number} stops with ${plural(left, "unit")} left, at ${at.length === 0 ? "no station" : list(at)}`,
    ),
    ...stations.map(({ station, next }) =>
      next === null ? `${station} stands still` : `${station} goes on with order ${next}`,
    ),
    ...channels.map(
      (channel) => `channel ${channel} is empty until another release is moved into it`,
    ),
    ...canaries.map((canary) => `its canary ${canary} stands in for nothing any more`),
    instead === null ? "" : `its stations go on with ${instead}`,
  ])}`;
}
