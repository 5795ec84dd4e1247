// In the guest: the conformance checks over the kernel's USB stack. Arguments: PORT-PATH BENCH-PORT. One JSON line a check.
import { kernelUnits } from "@flashline/usb-host";
import { UNIT } from "../../engine/conformance/bench.ts";
import { CHECKS } from "../../engine/conformance/checks.ts";
import { toIdle } from "../../engine/conformance/dfuse.ts";
import { KERNEL_CHECKS } from "../../engine/conformance/kernel-checks.ts";
import { remoteBench } from "./bench-client.ts";

const [portPath = "", benchPort = ""] = process.argv.slice(2);
const source = kernelUnits();
const { bench, close } = remoteBench(Number(benchPort), () => source.open(portPath));

for (const check of [...CHECKS, ...KERNEL_CHECKS]) {
  const started = performance.now();
  let error: string | undefined;
  try {
    const transport = await bench.open();
    // Every check may begin after any other one: the unit is the same.
    if (transport.descriptors.serial !== UNIT.serial) {
      await bench.plugAnother(UNIT.serial);
      await transport.reenumerate(15_000);
    }
    await toIdle(transport);
    await check.run(transport, bench).finally(() => transport.close());
  } catch (thrown) {
    error = thrown instanceof Error ? (thrown.stack ?? thrown.message) : String(thrown);
  }
  const ms = Math.round(performance.now() - started);
  process.stdout.write(`${JSON.stringify({ name: check.name, ms, error })}\n`);
}
close();
await source.close();
process.exit(0);
