import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { createVirtualUnit, realClock, serveUsbIp } from "@flashline/virtual-stm32";
import { bundleWhole } from "../../scripts/bundle.mjs";
import { MachineError } from "../vm/harness/cache.ts";
import { bootMachine } from "../vm/harness/machine.ts";
import { attachUsbIp } from "../vm/harness/usbip.ts";
import { type DeviceLog, isClass, keepLog } from "./device-log.ts";
import { CONTENT, holdsImage, PART, type PartState, prepare, STATES } from "./subject.ts";

/** `usb alone` makes the transfers of the last run of `fast` again, with nothing around the `usb` package. */
export const TOOLS = ["dfu-util", "fast", "standard", "usb alone"] as const;
export type Tool = (typeof TOOLS)[number];

export interface Sample {
  readonly tool: Tool;
  readonly state: PartState;
  readonly log: DeviceLog;
  /** From the start of the process to its end, measured in the guest. */
  readonly processMs: number;
}

const SECONDS = 120;

/**
 * Each tool in turn on one virtual unit behind a real kernel, `rounds` times in every state of the part. The unit takes the
 * datasheet's typical times in real time. What a tool leaves in the flash is compared after every run.
 */
export async function runEmulated(
  rounds: number,
  say: (line: string) => void,
): Promise<readonly Sample[]> {
  const flashline = await bundleWhole("apps/cli", "src/main.ts", "flash-bench");
  const bare = await bundleWhole("test", "bench/bare-usb.ts", "bare-usb");
  const unit = createVirtualUnit({ part: PART, clock: realClock(), timing: "typical" });
  const takeLog = keepLog(unit);
  const server = await serveUsbIp({ units: [unit], port: 0 });
  const machine = await bootMachine();
  try {
    await writeFile(join(machine.folder, "image.bin"), CONTENT);
    const [path = ""] = await attachUsbIp(machine, server.port, ["1-1"]);
    const commands: Readonly<Record<Tool, string>> = {
      "dfu-util": `dfu-util -p ${path} -a 0 -s 0x08000000 -D /vm/image.bin`,
      fast: `node ${flashline} dfu flash /vm/image.bin --path ${path} --profile fast --json`,
      standard: `node ${flashline} dfu flash /vm/image.bin --path ${path} --profile standard --json`,
      "usb alone": `node ${bare} ${path} /vm/sequence.json`,
    };
    const run = async (tool: Tool, state: PartState): Promise<Sample> => {
      prepare(unit.flash, state);
      takeLog();
      const timed = `TIMEFORMAT=%R; time ${commands[tool]}`;
      const { status, stdout, stderr } = await machine.run(timed, { seconds: SECONDS });
      const log = takeLog();
      if (tool === "fast") await writeFile(join(machine.folder, "sequence.json"), sequenceOf(log));
      const seconds = Number(stderr.trimEnd().split("\n").at(-1));
      if (status !== 0 || !holdsImage(unit.flash) || unit.illegal.length > 0) {
        throw new MachineError(
          `${tool}, ${state} part: status ${status}\n${stdout}${stderr}${unit.illegal.join("\n")}`,
        );
      }
      say(
        `${state.padEnd(10)} ${tool.padEnd(9)} ${log.ms.toFixed(0).padStart(6)} ms, ${log.transfers.length} transfers, process ${seconds} s`,
      );
      return { tool, state, log, processMs: seconds * 1000 };
    };
    // The guest reads its files for the first time, and the first run of a program is not like the others.
    for (const tool of TOOLS) await run(tool, "blank");
    const samples: Sample[] = [];
    for (let round = 0; round < rounds; round += 1) {
      for (const state of STATES) for (const tool of TOOLS) samples.push(await run(tool, state));
    }
    return samples;
  } finally {
    await machine.stop();
    await server.close();
  }
}

/** What bare-usb.ts reads. */
const sequenceOf = ({ transfers }: DeviceLog): string =>
  JSON.stringify(
    transfers
      .filter(isClass)
      .map(({ setup, data }) => ({ ...setup, data: Buffer.from(data).toString("base64") })),
  );
