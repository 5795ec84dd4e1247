// Ends that few faults lead to.
import { flashPlainUnit, flashUnit } from "@flashline/dfu-core";
import { DfuRequest, DfuState, wrapTransport } from "@flashline/dfu-core/protocol";
import { PlainDevice, partByName, VirtualClock } from "@flashline/virtual-stm32";
import { expect, it } from "vitest";
import { bench, imageAt, pattern } from "./bench.ts";
import { answering, status } from "./bent.ts";

const image = imageAt(pattern(300));

it("a unit that drops off in every verification is enumeration trouble", async () => {
  const { transport, clock, unit } = bench({ before: pattern(384, 9) });
  let verifying = false;
  let drops = 0;
  let reads = 0;
  unit.onTransfer((setup) => {
    if (!verifying || setup.request !== DfuRequest.Upload) return;
    // Get Commands begins a session of reads.
    reads = setup.value < 2 ? 0 : reads + 1;
    // Each time further on: twice at one address would be half-written flash.
    if (reads !== 2 * drops + 1) return;
    drops += 1;
    unit.unplug(100);
  });
  const report = await flashUnit({
    transport,
    clock,
    image,
    family: "F4",
    onEvent: (event) => {
      if (event.event === "progress" && event.phase === "verify" && event.fraction < 1) {
        verifying = true;
      }
    },
  });
  expect(drops).toBeGreaterThanOrEqual(4);
  expect(report).toMatchObject({ outcome: "FAIL", code: "link.enumeration" });
});

it("read protection is not proven where the option bytes cannot be found", async () => {
  const part = partByName("g0b1");
  const { flash } = bench({
    part,
    faults: [{ kind: "false-vendor", trigger: { kind: "always" } }],
  });
  const report = await flash({ image });
  expect(report).toMatchObject({ code: "protection.not_proven", blame: "host" });
});

it("plain DFU refuses devices that take no download or have no functional descriptor", async () => {
  const clock = new VirtualClock();
  const device = new PlainDevice({ clock });
  const { functional } = device.descriptors;
  for (const [change, code] of [
    [undefined, "device.not_dfu"],
    [functional && { ...functional, attributes: 2 }, "device.not_dfu"],
  ] as const) {
    const transport = wrapTransport(device, {
      descriptors: { ...device.descriptors, functional: change },
    });
    expect(await flashPlainUnit({ transport, clock, image })).toMatchObject({
      code,
      touched: false,
      transfers: 0,
    });
  }
});

it("a plain device that stays busy is a wedge", async () => {
  const clock = new VirtualClock();
  const device = new PlainDevice({ clock });
  const busy = answering(device, (request) =>
    request === DfuRequest.GetStatus ? status(0, DfuState.DnBusy, 0xff) : undefined,
  );
  expect(await flashPlainUnit({ transport: busy, clock, image })).toMatchObject({
    outcome: "FAIL",
    code: "link.busy_wedge",
    blame: "host",
  });
});
