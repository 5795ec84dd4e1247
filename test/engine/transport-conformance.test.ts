import { usbIpUnits } from "@flashline/usb-host";
import { attachInProcess, scaledClock, serveUsbIp } from "@flashline/virtual-stm32";
import { describe, test } from "vitest";
import type { Bench } from "./conformance/bench.ts";
import { CHECKS } from "./conformance/checks.ts";
import { benchOf, conformanceUnit } from "./conformance/virtual-bench.ts";

interface OpenBench {
  readonly bench: Bench;
  close(): Promise<void>;
}

/** Every transport that a unit can be reached by without a kernel; the kernel's is in the virtual machine's suite. */
const WIRES: Record<string, () => Promise<OpenBench>> = {
  "in process": () => {
    const unit = conformanceUnit();
    const open = () => Promise.resolve(attachInProcess(unit, scaledClock(1), { transferMs: 0 }));
    return Promise.resolve({ bench: benchOf(unit, open), close: () => Promise.resolve() });
  },
  "over the USB/IP client": async () => {
    const unit = conformanceUnit();
    const server = await serveUsbIp({ units: [unit], port: 0 });
    const source = usbIpUnits({ host: "127.0.0.1", port: server.port });
    const bench = benchOf(unit, () => source.open("1-1"));
    return {
      bench,
      async close() {
        await source.close();
        await server.close();
      },
    };
  },
};

describe.each(Object.entries(WIRES))("%s", (_wire, openBench) => {
  test.concurrent.each(CHECKS)("$name", async (check) => {
    const { bench, close } = await openBench();
    const transport = await bench.open();
    try {
      await check.run(transport, bench);
    } finally {
      await transport.close();
      await close();
    }
  });
});
