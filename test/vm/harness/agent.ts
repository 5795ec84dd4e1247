import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { Machine } from "./machine.ts";
import type { ServerProcess } from "./plant.ts";

/**
 * Enrolls the agent `program` in the machine, with the port of the bootloader that comes up first as nest A, and lets it run.
 */
export async function startAgent(
  machine: Machine,
  server: ServerProcess,
  program: string,
  token: string,
): Promise<void> {
  const agent = `FLASHLINE_DATA=/run/agent node ${program}`;
  await writeFile(join(machine.folder, "release.pub"), server.publicKey);
  const portPath = await machine.check(
    `
    for try in {1..600}; do grep -l df11 /sys/bus/usb/devices/*/idProduct && exit; sleep 0.1; done
    echo "no bootloader came up" >&2
    exit 1`,
    { seconds: 120 },
  );
  const nest = /devices\/([^/]+)\//.exec(portPath)?.[1] ?? "";
  const at = `--server http://10.0.2.2:${server.port} --token ${token}`;
  await machine.check(`${agent} enroll ${at} --key /vm/release.pub --nest A=${nest}`);
  await machine.check(`${agent} run >/vm/agent.log 2>&1 & disown`);
}
