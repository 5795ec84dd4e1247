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
  readonly child: Child;
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
  const child = processes.start({
    name: `sim-${pc.name}`,
    command: [
      ...[COMMANDS.flashline, "sim", "--json", "--chip", options.chip, "--usbip", "0"],
      ...["--units", String(pc.nests), "--speed", String(options.speed)],
      ...["--seed", String(options.seed), "--machine", pc.machine, "--controller", pc.controller],
      ...pc.hubs.flatMap((hub) => ["--hub", hub]),
      ...(pc.loss > 0 ? ["--loss", String(pc.loss), "--fatal-share", String(FATAL_SHARE)] : []),
    ],
  });
  const { usbip } = await child.waitFor((line) => {
    if (!line.startsWith('{"event":"listening"')) return undefined;
    return Listening.parse(JSON.parse(line));
  }, READY_MS);
  for (let slot = 1; slot <= pc.nests; slot += 1) child.write(`unplug ${slot}`);
  return {
    usbipPort: usbip,
    child,
    takeOut: (slot) => child.write(`unplug ${slot}`),
    plugIn(slot, faults) {
      child.write(`replace ${slot}`);
      for (const fault of faults) child.write(`fault ${fault}:${slot}`);
    },
  };
}
