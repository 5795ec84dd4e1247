import { expect, it } from "vitest";
import { parseStatus, stateName, statusName } from "./status.ts";

it("a GETSTATUS reply is read with its 24-bit poll time; a short one is none", () => {
  const reply = Uint8Array.of(0x0b, 0x34, 0x12, 0x01, 10, 0);
  expect(parseStatus(reply)).toEqual({ status: 0x0b, pollTimeoutMs: 0x011234, state: 10 });
  expect(parseStatus(reply.subarray(0, 5))).toBeUndefined();
});

it("states and statuses have names, and those that no document has keep their number", () => {
  expect([stateName(4), stateName(42), statusName(0x0b), statusName(0x2a)]).toEqual([
    "dfuDnBusy",
    "unknown(0x2a)",
    "errVENDOR",
    "unknown(0x2a)",
  ]);
});
