import { expect, test } from "vitest";
import { connectionIn } from "./port-status.ts";

/** Ends of what usbutils 014 prints of a hub, and of one for SuperSpeed. */
const HUB = `
 Hub Port Status:
   Port 1: 0000.0103 power enable connect
   Port 2: 0000.0100 power
   Port 10: 0001.0101 power connect
Device Status:     0x0001
  Self Powered
`;
const SUPER_SPEED = `
 Hub Port Status:
   Port 1: 0000.0203 5Gbps power U0 enable connect
   Port 2: 0000.02a0 5Gbps power Rx.Detect
`;

test("what is connected to a port, alive or not, is read from its status", () => {
  expect([1, 2, 10].map((port) => connectionIn(HUB, port))).toEqual([true, false, true]);
  expect([1, 2].map((port) => connectionIn(SUPER_SPEED, port))).toEqual([true, false]);
});

test("a port that the answer does not have is not known", () => {
  expect(connectionIn(HUB, 3)).toBeUndefined();
  expect(
    connectionIn("Couldn't open device, some information will be missing\n", 1),
  ).toBeUndefined();
});
