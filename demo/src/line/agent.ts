import { join } from "node:path";
import type { Child } from "../processes/child.ts";
import type { Processes } from "../processes/processes.ts";
import { untilReady } from "../processes/ready.ts";
import { COMMANDS } from "../repository.ts";
import { createStationPage, type StationPage } from "./station-page.ts";

export interface AgentOptions {
  readonly name: string;
  readonly serverUrl: string;
  readonly token: string;
  readonly publicKeyFile: string;
  readonly data: string;
  readonly nests: readonly { readonly name: string; readonly portPath: string }[];
  readonly usbipPort: number;
  readonly pagePort: number;
  readonly speed: number;
}

export interface RunningAgent {
  readonly child: Child;
  readonly url: string;
  readonly page: StationPage;
}

const READY_MS = 30_000;

/** Enrolls and starts a station's agent. It reaches the virtual units, and only those. */
export async function startAgent(
  processes: Processes,
  options: AgentOptions,
): Promise<RunningAgent> {
  const { name, serverUrl, pagePort } = options;
  const env = {
    FLASHLINE_DATA: join(options.data, `agent-${name}`),
    FLASHLINE_HOST: "127.0.0.1",
    FLASHLINE_PORT: String(pagePort),
  };
  await processes.run({
    name: `enroll-${name}`,
    command: [
      ...[COMMANDS.agent, "enroll", "--server", serverUrl, "--token", options.token],
      ...["--key", options.publicKeyFile],
      ...options.nests.flatMap((nest) => ["--nest", `${nest.name}=${nest.portPath}`]),
    ],
    env,
    input: "",
  });
  const child = processes.start({
    name: `agent-${name}`,
    command: [
      ...[COMMANDS.agent, "run", "--usbip", `127.0.0.1:${options.usbipPort}`],
      ...["--clock-speed", String(options.speed)],
    ],
    env,
  });
  const url = `http://127.0.0.1:${pagePort}`;
  const page = createStationPage(url);
  await untilReady(child, READY_MS, async () => (await page.view()).server === "connected");
  return { child, url, page };
}
