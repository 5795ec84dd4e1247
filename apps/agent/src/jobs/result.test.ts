import { flashUnit, parseImage } from "@flashline/dfu-core";
import {
  attachInProcess,
  createVirtualUnit,
  parseFault,
  partByName,
  VirtualClock,
} from "@flashline/virtual-stm32";
import { expect, it } from "vitest";
import { resultOf } from "./result.ts";

const ID = "019f0000-0000-7000-8000-000000000001";
const facts = {
  attemptId: ID,
  jobId: ID,
  epoch: 1,
  serial: "MC2-000001",
  nest: "1",
  virtual: true,
  usbSerial: "357B34843039",
  profile: "standard",
  chip: "STM32F407",
  imageSha256: [],
  manifestSha256: "0".repeat(64),
  keyId: "A1B2C3D4E5F60718",
  host: {
    machine: "m",
    controller: {
      pciAddress: "p",
      vendorDevice: "1:2",
      driver: "d",
      kind: "virtual" as const,
    },
    hubs: [],
    portPath: "1-1",
    speed: "full",
    os: "Linux",
  },
};

it.each(["unplug=100", "power-cut=150"])(
  "lasts as long as its last incident after %s",
  async (fault) => {
    const clock = new VirtualClock();
    const part = partByName("f407");
    const unit = createVirtualUnit({ part, clock, faults: [parseFault(fault).fault] });
    const report = await flashUnit({
      transport: attachInProcess(unit, clock),
      clock,
      chip: "STM32F407",
      image: parseImage(new Uint8Array(200_000).fill(0x5a), { address: 0x0800_0000 }),
    });
    const { durationMs, incidents } = resultOf(facts, report, true, "", "");
    expect(report.outcome).toBe("FAIL");
    expect(incidents.length).toBeGreaterThan(0);
    // What made this wrong: the wait for the lost unit ends after the last transfer.
    expect(Math.max(...incidents.map(({ atMs }) => atMs))).toBeGreaterThan(report.ms);
    expect(durationMs).toBe(incidents.at(-1)?.atMs);
  },
);
