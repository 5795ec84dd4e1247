import { StationView } from "@flashline/contract";
import { ago, id } from "./basics.ts";

const nest = (name: number, state: string, change = {}) => ({
  name: String(name),
  portPath: `3-1.${name}`,
  state,
  serial: state === "empty" ? null : `MC2-00${4830 + name}`,
  phase: null,
  fraction: null,
  code: null,
  ...change,
});

export const stations = [2, 4, 5, 7, 9].map((number) =>
  StationView.parse({
    id: id(4, number),
    name: `L3-0${number}`,
    line: "Line 3",
    plant: "Graz",
    enrolled: true,
    connected: number !== 9,
    lastSeenAt: ago(number === 9 ? 4000 : 3),
    agentVersion: "0.1.0",
    queuedResults: number === 9 ? 3 : 0,
    workOrder: number === 9 ? null : "WO-20418",
    product: number === 9 ? null : "MC-2",
    version: number === 9 ? null : "2.8.1",
    workOrders:
      number === 9
        ? []
        : [
            {
              number: "WO-20418",
              product: "MC-2",
              version: "2.8.1",
              priority: 100,
              unitsLeft: 177,
            },
            {
              number: "WO-20422",
              product: "MC-2",
              version: "2.8.1",
              priority: 100,
              unitsLeft: 800,
            },
          ],
    today: { passed: 80 + number * 7, failed: number === 7 ? 9 : 1 },
    doctor: number === 7 ? { failed: 1, warned: 1 } : { failed: 0, warned: number === 4 ? 2 : 0 },
    nests: [
      nest(1, "pass"),
      nest(2, "busy", { phase: "write", fraction: 0.1 * number }),
      number === 7 ? nest(3, "fail", { code: "link.timeout" }) : nest(3, "empty"),
      nest(4, number === 4 ? "ready" : number === 5 ? "off" : "present"),
    ],
  }),
);
