import { type HostProcess, startProcess } from "./process.ts";

export interface SimulatorProcess extends HostProcess {
  readonly usbip: number;
  readonly usbredir: readonly number[];
}

/** `flashline sim` on free ports. */
export async function startSimulator(words: readonly string[]): Promise<SimulatorProcess> {
  const running = startProcess("apps/cli/bin/flashline.js", ["sim", "--json", ...words]);
  const line = await running.line((text) => text.includes('"listening"'));
  const { usbip, usbredir } = JSON.parse(line);
  return { ...running, usbip: Number(usbip ?? 0), usbredir };
}
