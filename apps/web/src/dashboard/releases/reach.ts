import type { ReleaseDryRun, ReleaseRadius } from "@flashline/contract";
import { count, counted } from "../../shared/format.ts";

type Reached = ReleaseDryRun["orders"][number]["reached"];

const sum = (values: readonly number[]): number => values.reduce((all, one) => all + one, 0);
const listed = (names: readonly string[], most = 6): string =>
  names.length <= most
    ? names.join(", ")
    : `${names.slice(0, most).join(", ")} and ${names.length - most} more`;

/** Orders that a promotion or a moved channel gives the release, in one sentence. */
export function sayReach(
  { orders, version }: Pick<ReleaseDryRun, "orders" | "version">,
  ...by: readonly Reached[]
): string {
  const reached = orders.filter((order) => by.includes(order.reached));
  if (reached.length === 0) return "No open order gets it by this.";
  const stations = [...new Set(reached.flatMap((order) => order.stations))];
  const left = sum(reached.map((order) => order.left));
  const inWork = sum(reached.map((order) => order.inWork));
  const place = stations.length === 0 ? "at no station yet" : `at ${listed(stations)}`;
  const work =
    inWork === 0
      ? ""
      : ` ${counted(inWork, "unit")} in work ${inWork === 1 ? "is" : "are"} finished as begun.`;
  return `${counted(reached.length, "order")} (${listed(reached.map(({ number }) => number))}) with ${counted(left, "unit")} to go get ${version} from the next unit on, ${place}.${work}`;
}

/** What a revocation would hit, one fact a line; the worst first. */
export function sayRadius(radius: ReleaseRadius): readonly string[] {
  const still = radius.stations.filter(({ next }) => next === null).map(({ station }) => station);
  const on = radius.stations.filter(({ next }) => next !== null);
  const left = sum(radius.orders.map((order) => order.left));
  return [
    still.length > 0 &&
      `${listed(still)} ${still.length === 1 ? "stands" : "stand"} still: no other order of the product is in the queue.`,
    on.length > 0 &&
      `${on.map(({ station, next }) => `${station} goes on with ${next}`).join(", ")}.`,
    radius.orders.length > 0 &&
      `${listed(radius.orders.map(({ number }) => number))} ${radius.orders.length === 1 ? "takes" : "take"} no more units: ${counted(left, "unit")} to go.`,
    radius.channels.length > 0 &&
      `It leaves ${radius.channels.length === 1 ? "the channel" : "the channels"} ${listed(radius.channels)}.`,
    radius.calledOff.length > 0 &&
      `${counted(radius.calledOff.length, "unit")} that ${radius.calledOff.length === 1 ? "was" : "were"} ordered and not started: refused.`,
    radius.finishing.length > 0 &&
      `${counted(radius.finishing.length, "unit")} in work: what has begun to erase comes to its end, the others are called off unharmed.`,
    radius.canaries.length > 0 &&
      `The canary ${listed(radius.canaries)} stands in for nothing any more.`,
    `${counted(radius.passed, "unit")} passed with it and ${radius.passed === 1 ? "keeps" : "keep"} it${radius.unknown === 0 ? "" : `; of ${count(radius.unknown)} nobody knows`}.`,
  ].filter((line) => line !== false);
}
