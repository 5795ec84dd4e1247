import { expect, test } from "vitest";
import type { AttachedUnit } from "./units.ts";
import { watchByScanning } from "./watch.ts";

const unit = (portPath: string): AttachedUnit => ({
  portPath,
  vendorId: 0x0483,
  productId: 0xdf11,
  bcdDevice: 0x2200,
  serial: "",
  product: "",
  deviceNumber: 1,
  host: {
    machine: "m",
    controller: { pciAddress: "", vendorDevice: "", driver: "", kind: "other" },
    hubs: [],
    portPath,
    speed: "full",
    os: "",
  },
  virtual: true,
});

test("the listener hears of changes only, a failing scan counts as empty, and hints are quicker than the interval", async () => {
  const scans = [[unit("1-1")], [unit("1-1")], undefined, [unit("1-2")]];
  const heard: string[] = [];
  let hint = () => {};
  let unsubscribed = false;
  let scanned = 0;
  const { promise: finished, resolve: finish } = promiseOf<void>();
  const watch = watchByScanning({
    scan() {
      const units = scans[scanned++];
      setTimeout(hint, 1);
      if (scanned === scans.length) setTimeout(finish, 20);
      return units === undefined
        ? Promise.reject(new TypeError("no server"))
        : Promise.resolve(units);
    },
    intervalMs: 60_000,
    listener: (units) => heard.push(units.map(({ portPath }) => portPath).join() || "none"),
    onHint(call) {
      hint = call;
      return () => {
        unsubscribed = true;
      };
    },
  });
  await finished;
  await watch.close();
  expect(heard).toEqual(["1-1", "none", "1-2", "none"].slice(0, heard.length));
  expect(heard.length).toBeGreaterThanOrEqual(3);
  expect(unsubscribed).toBe(true);
});

function promiseOf<T>() {
  let resolve: (value: T) => void = () => {};
  const promise = new Promise<T>((done) => {
    resolve = done;
  });
  return { promise, resolve };
}
