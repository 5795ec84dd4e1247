import { AlarmView } from "@flashline/contract";
import { ago, id } from "./basics.ts";

const alarm = (number: number, change: object) =>
  AlarmView.parse({
    id: id(9, number),
    plant: "Graz",
    parameters: {},
    raisedBy: "system server",
    ...{ takenBy: null, takenAt: null, overdueAt: null },
    ...{ recoveredAt: null, recoveredWhy: null, recoveredBy: null },
    ...change,
  });

/** One that somebody looks after, and one that nobody has taken. */
export const alarms = [
  alarm(1, {
    rule: "station.away",
    subject: { kind: "station", id: id(4, 9), name: "L3-09" },
    station: "L3-09",
    message: "Station L3-09 has not been seen for 67 minutes.",
    raisedAt: ago(3900),
    takenBy: "dana",
    takenAt: ago(3000),
  }),
  alarm(2, {
    rule: "host.suspect",
    subject: { kind: "host", id: id(5, 7), name: "L3-07" },
    station: "L3-07",
    message: "Host L3-07 is SUSPECT: 13 of 84 units lost the link, 1.9 were expected.",
    raisedAt: ago(7300),
  }),
];
