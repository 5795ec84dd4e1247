import type { HoldEffect, HoldView } from "@flashline/contract";

const units = (n: number): string => `${n} ${n === 1 ? "unit" : "units"}`;
const list = (names: readonly string[]): string => names.join(", ");
const jobs = (all: HoldEffect["finishing"]): string =>
  list(all.map(({ station, nest, serial }) => `${serial} (${station}/${nest})`));

/** One line about a hold and, once it was lifted, one about that. */
export function holdText(hold: HoldView): string {
  const by = hold.origin === "guard" ? `guard ${hold.setBy}` : hold.setBy;
  const lifted =
    hold.liftedAt === null
      ? ""
      : `    lifted ${hold.liftedAt} by ${hold.liftedBy}: ${hold.liftReason}\n`;
  return `${hold.kind} ${hold.name}  since ${hold.setAt} by ${by}: ${hold.reason}\n${lifted}`;
}

/** What a hold does, a line for each thing that there is. */
export function effectText(effect: HoldEffect): string {
  const { nests, stations, remaining, finishing, calledOff, orders } = effect;
  const places = nests.map(({ station, nest }) => `${station}/${nest}`);
  const isOfUnits = effect.kind === "unit" || effect.kind === "batch";
  const lines = [
    isOfUnits
      ? `${units(effect.units)} on hold that ${effect.units === 1 ? "has" : "have"} not passed`
      : "",
    isOfUnits
      ? ""
      : places.length === 0
        ? "no nest stops: another hold does that already, or none is in use"
        : `stops: ${list(places)}`,
    stations.length === 0 ? "" : `stations without a nest: ${list(stations)}`,
    finishing.length === 0 ? "" : `come to their end: ${jobs(finishing)}`,
    calledOff.length === 0 ? "" : `called off: ${jobs(calledOff)}`,
    remaining.length === 0
      ? ""
      : `${remaining.length} stations go on with the same orders: ${list(remaining)}`,
    ...orders.map(
      ({ number, left }) => `order ${number} has no station any more, and lacks ${units(left)}`,
    ),
  ];
  return lines
    .filter((line) => line !== "")
    .map((line) => `  ${line}\n`)
    .join("");
}
