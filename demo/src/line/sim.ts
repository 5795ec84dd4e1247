import { z } from "zod";
import type { Child } from "../processes/child.ts";
import type { Processes } from "../processes/processes.ts";
import { COMMANDS } from "../repository.ts";
import type { LinePc } from "../setup/place.ts";

const Listening = z.object({ event: z.literal("listening"), usbip: z.number().int() });
/** A choice: now and then a unit hangs for good, and its first attempt fails by the host's fault. */
const FATAL_SHARE = 0.03;
const READY_MS = 30_000;

/** The ports of one line PC: nest k is slot k of a `flashline sim`. */
export interface VirtualPorts {
  readonly usbipPort: number;
  /** Another controller or hub in between: the simulator starts anew on the same port, its slots empty. */
  readonly rewire: (pc: LinePc) => Promise<void>;
  /** Takes out whatever is in the slot. */
  readonly takeOut: (slot: number) => void;
  /** Plugs a fresh, blank unit in; its faults are its own and stay with it. */
  readonly plugIn: (slot: number, faults: readonly string[]) => void;
}

export async function startSim(
  processes: Processes,
  pc: LinePc,
  options: { readonly chip: string; readonly speed: number; readonly seed: number },
): Promise<VirtualPorts> {
  let running = await run(processes, pc, 0, options);
  const { usbip } = running;
  return {
    usbipPort: usbip,
    async rewire(changed) {
      await running.child.stop();
      running = await run(processes, changed, usbip, options);
    },
    takeOut: (slot) => running.child.write(`unplug ${slot}`),
    plugIn(slot, faults) {
      running.child.write(`replace ${slot}`);
      for (const fault of faults) running.child.write(`fault ${fault}:${slot}`);
    },
  };
}

/** A `flashline sim` with empty slots; port 0 takes a free one. */
async function run(
  processes: Processes,
  pc: LinePc,
  port: number,
  options: { readonly chip: string; readonly speed: number; readonly seed: number },
): Promise<{ readonly child: Child; readonly usbip: number }> {
  const child = processes.start({
    name: `sim-${pc.name}`,
    command: [
      ...[COMMANDS.flashline, "sim", "--json", "--chip", options.chip, "--usbip", String(port)],
      ...["--units", String(pc.nests), "--speed", String(options.speed)],
      ...["--seed", String(options.seed), "--machine", pc.machine, "--controller", pc.controller],
      ...pc.hubs.flatMap((hub) => ["--hub", hub]),
      ...(pc.loss > 0
        ? ["--loss", String(pc.loss), "--fatal-share", String(pc.fatalShare ?? FATAL_SHARE)]
        : []),
    ],
  });
  const { usbip } = await child.waitFor((line) => {
    if (!line.startsWith('{"event":"listening"')) return undefined;
    return Listening.parse(JSON.parse(line));
  }, READY_MS);
  for (let slot = 1; slot <= pc.nests; slot += 1) child.write(`unplug ${slot}`);
  return { child, usbip };
}
