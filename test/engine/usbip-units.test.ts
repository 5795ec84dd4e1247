import { HostFingerprint } from "@flashline/contract";
import { type AttachedUnit, usbIpUnits } from "@flashline/usb-host";
import { createVirtualUnit, partByName, scaledClock, serveUsbIp } from "@flashline/virtual-stm32";
import { afterEach, beforeEach, expect, test } from "vitest";

const unitOf = (serial: string, machine = "") =>
  createVirtualUnit({
    part: partByName("f407"),
    serial,
    clock: scaledClock(1),
    timing: "none",
    place: {
      machine,
      controller: { pci: "0000:c4:00.4", id: "1022:15b8", driver: "xhci_hcd" },
      hubs: [{ id: "05e3:0610", tt: "multi" }],
    },
  });

const units = () => [unitOf("FIRST", "line-3"), unitOf("SECOND")] as const;
let shelf: ReturnType<typeof units>;
let server: Awaited<ReturnType<typeof serveUsbIp>>;
let source: ReturnType<typeof usbIpUnits>;

beforeEach(async () => {
  shelf = units();
  server = await serveUsbIp({ units: shelf, port: 0 });
  source = usbIpUnits({ host: "127.0.0.1", port: server.port, rescanMs: 20 });
});
afterEach(async () => {
  await source.close();
  await server.close();
});

test("a unit with its strings, its layouts and the place that it pretends to sit in", async () => {
  const [first, second] = await source.list();
  expect(first).toMatchObject({
    portPath: "1-1",
    vendorId: 0x0483,
    productId: 0xdf11,
    serial: "FIRST",
    product: shelf[0].part.usb.product,
    layouts: shelf[0].part.alternates,
    virtual: true,
  });
  expect(first?.host).toMatchObject({
    machine: "line-3",
    controller: { pciAddress: "0000:c4:00.4", vendorDevice: "1022:15b8", kind: "xhci" },
    hubs: [{ vendorProduct: "05e3:0610", tt: "multi", speed: "high" }],
    portPath: "1-1",
    speed: "full",
  });
  expect(second?.host.machine).toBe("usbip-127.0.0.1");
  expect(HostFingerprint.parse(first?.host)).toEqual(first?.host);
});

test("looking at the list disturbs nobody who has a unit, and the strings are known all the same", async () => {
  const transport = await source.open("1-1");
  const before = shelf[0].counters.controlTransfers;
  const other = usbIpUnits({ host: "127.0.0.1", port: server.port });
  expect((await other.list()).map(({ serial }) => serial)).toEqual(["", "SECOND"]);
  expect(shelf[0].counters.controlTransfers).toBe(before);
  await transport.close();
  await expect.poll(async () => (await other.list())[0]?.serial).toBe("FIRST");
});

test("two openers at once: one has the unit, the other is told so", async () => {
  const other = usbIpUnits({ host: "127.0.0.1", port: server.port });
  const transport = await source.open("1-1");
  await expect(other.open("1-1")).rejects.toMatchObject({ fault: "io" });
  await transport.close();
  const next = await other.open("1-1");
  await next.close();
});

test("unplugged, plugged and replaced units are heard of, with another device number", async () => {
  const heard: string[] = [];
  const numbers = new Set<number>();
  const watch = source.watch((attached: AttachedUnit[]) => {
    heard.push(attached.map(({ serial }) => serial).join(" "));
    for (const unit of attached) if (unit.portPath === "1-1") numbers.add(unit.deviceNumber);
  });
  await expect.poll(() => heard.at(-1)).toBe("FIRST SECOND");
  shelf[0].unplug();
  await expect.poll(() => heard.at(-1)).toBe("SECOND");
  shelf[0].replace({ serial: "THIRD" });
  await expect.poll(() => heard.at(-1)).toBe("THIRD SECOND");
  expect(numbers.size).toBe(2);
  await watch.close();
  const count = heard.length;
  shelf[1].unplug();
  await new Promise((resolve) => setTimeout(resolve, 60));
  expect(heard).toHaveLength(count);
});

test("a server that is not there is an error when asked, and an empty bench when watched", async () => {
  await server.close();
  await expect(source.list()).rejects.toMatchObject({ fault: "io" });
  const heard: AttachedUnit[][] = [];
  source.watch((attached) => heard.push(attached));
  await expect.poll(() => heard).toEqual([[]]);
});

test("a busid that is not there is gone", async () => {
  await expect(source.open("1-9")).rejects.toMatchObject({ fault: "gone" });
});
