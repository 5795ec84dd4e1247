import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { snapshotFolder, snapshotNameOf } from "./snapshots.ts";

describe("the name of a unit in storage", () => {
  const ids = { vendorId: 0x0483, productId: 0xdf11 };
  it.each(["", "FFFFFFFEFFFF", "STM32FxSTM32", "STM32", "3CBJ"])(
    "is not the serial %j, which many have",
    (serial) => {
      expect(() => snapshotNameOf({ ...ids, serial }, undefined)).toThrow(/of its own/);
      expect(snapshotNameOf({ ...ids, serial }, "A-17")).toContain("A-17");
    },
  );

  it("is the USB serial where that is its own", () => {
    expect(snapshotNameOf({ ...ids, serial: "377C35563337" }, undefined)).toBe(
      "usb 483:df11 377C35563337",
    );
  });

  it("lies in the user's state folder, and not in the agent's", () => {
    const agents = { FLASHLINE_DATA: "/var/lib/flashline-agent" };
    expect(snapshotFolder({ ...agents, XDG_STATE_HOME: "/state" })).toBe(
      join("/state", "flashline", "snapshots"),
    );
  });
});
