// Control transfers a second, one after the other: npx tsx --conditions=source packages/virtual-stm32/src/testing/throughput.ts
import { DfuRequest } from "@flashline/dfu-core/protocol";
import { createSimulator } from "../simulator/simulator.ts";
import { CLASS_IN, CLASS_OUT } from "../usb/setup.ts";
import { WIRES } from "./attachments.ts";

const TRANSFERS = 6000;
const BLOCK = 2048;

/** Reads of a block, and writes of one with the two GETSTATUS that they need. */
async function measure(wire: keyof typeof WIRES): Promise<Record<string, unknown>> {
  const made = await createSimulator({ chip: "f405", units: 1, usbipPort: 0, usbredirPort: 0 });
  const [unit] = made.units;
  if (!unit) return {};
  const attachment = await WIRES[wire](made, unit, 0);
  const data = new Uint8Array(BLOCK);
  const send = (requestType: number, request: number, value: number, length: number) =>
    attachment.submit(
      { requestType, request, value, index: 0, length },
      requestType === CLASS_OUT ? data.subarray(0, length) : new Uint8Array(),
    );
  const rate = async (one: () => Promise<unknown>, transfersEach: number): Promise<number> => {
    for (let warm = 0; warm < 500; warm += 1) await one();
    const [started, cpu] = [performance.now(), process.cpuUsage()];
    for (let done = 0; done < TRANSFERS; done += transfersEach) await one();
    const { user, system } = process.cpuUsage(cpu);
    cpuMicroseconds.push((user + system) / TRANSFERS);
    return Math.round((TRANSFERS * 1000) / (performance.now() - started));
  };
  const cpuMicroseconds: number[] = [];
  const read = await rate(() => send(CLASS_IN, DfuRequest.Upload, 2, BLOCK), 1);
  await send(CLASS_OUT, DfuRequest.Abort, 0, 0);
  const write = await rate(async () => {
    await send(CLASS_OUT, DfuRequest.Dnload, 2, BLOCK);
    await send(CLASS_IN, DfuRequest.GetStatus, 0, 6);
    await send(CLASS_IN, DfuRequest.GetStatus, 0, 6);
  }, 3);
  const { illegal } = unit;
  attachment.close();
  await made.close();
  return {
    wire,
    read,
    write,
    cpuMicroseconds: cpuMicroseconds.map(Math.round),
    illegal: illegal.length,
  };
}

for (const wire of ["in-process", "USB/IP", "usbredir"] as const) {
  process.stdout.write(`${JSON.stringify(await measure(wire))}\n`);
}
