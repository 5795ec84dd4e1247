import { called, HoldEffect, Retirement, WorkOrderDetail } from "@flashline/contract";
import { alarmRules, alarms, recipients, trial } from "./data/alarms.ts";
import { chain, events, webhooks } from "./data/ledger.ts";
import { badgeKeys, badges, keyRadius, keys, people, tokens } from "./data/people.ts";
import { paceOf, plans } from "./data/plans.ts";
import { channels, label, lines, parts, plants, products, ranges } from "./data/plant.ts";
import { plan, pushes, updates, versions } from "./data/updates.ts";
import { workOrders } from "./data/work-orders.ts";

type Answer = (id: string, query: URLSearchParams, what: string) => unknown;

function workOrder(number: string) {
  const order = workOrders.find((one) => one.number === number || one.id === number);
  return (
    order &&
    WorkOrderDetail.parse({
      ...order,
      releaseState: order.state === "open" ? "released" : "revoked",
      createdBy: "dana",
      queue: order.stations.map((station, place) => ({
        station,
        line: "Line 3",
        plant: "Graz",
        priority: 100,
        active: place !== 1,
        behind: place === 1 ? "WO-20422" : null,
        inWork: place === 1 ? 0 : 2,
      })),
    })
  );
}

const EFFECT = HoldEffect.parse({
  kind: "station",
  name: "L3-02",
  hold: null,
  stations: ["L3-02"],
  units: 0,
  nests: ["1", "2", "3", "4"].map((nest) => ({ station: "L3-02", nest })),
  remaining: ["L3-04", "L3-05"],
  orders: [],
  finishing: [{ station: "L3-02", nest: "2", serial: "MC2-004832" }],
  calledOff: [],
});

const PLANT_IN_THE_WAY = Retirement.parse({
  inTheWay: ["Line 3", "Rework"].map((name) => ({
    kind: "line",
    name,
    why: `${called("Line", name)} is not retired.`,
  })),
});

/** What the pages ask by which a plant is run. */
export const MANAGE_ANSWERS: Readonly<Record<string, Answer>> = {
  products: (_id, _query, what) => (what === "label" ? label : products),
  parts: () => parts,
  ranges: () => ranges,
  channels: () => channels,
  plants: (_id, _query, what) => (what === "retirement" ? PLANT_IN_THE_WAY : plants),
  plans: () => plans,
  pace: (_id, query) => paceOf(query),
  lines: (id) =>
    id === ""
      ? lines
      : {
          inTheWay: [
            {
              kind: "station",
              name: "L3-02",
              why: "Station L3-02 has a PC enrolled: move the station, or revoke it.",
            },
          ],
        },
  people: (id) => (id === "" ? people : people.find(({ name }) => name === decodeURIComponent(id))),
  tokens: () => tokens,
  keys: (_id, _query, what) => (what === "radius" ? keyRadius : keys),
  badges: (_id, query) =>
    query.get("state") === "all" ? badges : badges.filter(({ endedAs }) => endedAs === null),
  "badge-keys": () => badgeKeys,
  alarms: (_id, query) =>
    alarms
      .filter(({ recoveredAt }) => {
        const state = query.get("state") ?? "open";
        return state === "all" || (state === "open") === (recoveredAt === null);
      })
      .filter(({ rule }) => [null, rule].includes(query.get("rule"))),
  "alarm-rules": (_id, _query, what) => (what === "trial" ? trial : alarmRules),
  "alarm-recipients": () => recipients,
  audit: (id) => (id === "chain" ? chain : { events, next: null, unsealed: 1 }),
  exceptions: () => [],
  webhooks: () => webhooks,
  "agent-updates": (id) => {
    if (id === "stations") return versions;
    if (id === "pushes") return pushes;
    return id === "preview" ? plan : updates;
  },
  holds: (id) => (id === "preview" ? EFFECT : []),
  "work-orders": (id) => (id === "" ? workOrders : workOrder(decodeURIComponent(id))),
};
