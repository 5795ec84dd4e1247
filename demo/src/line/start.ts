import { freePort } from "../processes/ports.ts";
import type { Processes } from "../processes/processes.ts";
import type { LinePc } from "../setup/place.ts";
import { startAgent } from "./agent.ts";
import type { Workplace } from "./operator.ts";
import { startSim, type VirtualPorts } from "./sim.ts";

export interface RunningLine {
  readonly pc: LinePc;
  readonly ports: VirtualPorts;
  readonly url: string;
  readonly workplaces: readonly Workplace[];
}

export interface LineOptions {
  readonly chip: string;
  readonly speed: number;
  readonly serverUrl: string;
  readonly publicKeyFile: string;
  readonly data: string;
}

const FIRST_PAGE_PORT = 8371;

/** The simulators need nothing of the server and start beside it. */
export const startSims = (
  processes: Processes,
  pcs: readonly LinePc[],
  options: { readonly chip: string; readonly speed: number },
): Promise<readonly VirtualPorts[]> =>
  Promise.all(pcs.map((pc, index) => startSim(processes, pc, { ...options, seed: index + 1 })));

/** An agent for each line PC, enrolled with its one-time token, on its own station port. */
export async function startLines(
  processes: Processes,
  pcs: readonly LinePc[],
  sims: readonly VirtualPorts[],
  tokens: ReadonlyMap<string, string>,
  options: LineOptions,
): Promise<readonly RunningLine[]> {
  const taken = new Set<number>();
  const places = [];
  for (const [index, pc] of pcs.entries()) {
    const pagePort = await freePort(FIRST_PAGE_PORT + index, taken);
    taken.add(pagePort);
    places.push({ pc, pagePort, ports: sims[index], token: tokens.get(pc.name) ?? "" });
  }
  return await Promise.all(
    places.flatMap(({ pc, pagePort, ports, token }) =>
      ports === undefined ? [] : [startLine(processes, pc, ports, pagePort, token, options)],
    ),
  );
}

async function startLine(
  processes: Processes,
  pc: LinePc,
  ports: VirtualPorts,
  pagePort: number,
  token: string,
  options: LineOptions,
): Promise<RunningLine> {
  const nests = Array.from({ length: pc.nests }, (_, index) => ({
    name: String(index + 1),
    portPath: `1-${index + 1}`,
  }));
  const { page, url } = await startAgent(processes, {
    ...options,
    name: pc.name,
    token,
    nests,
    pagePort,
    usbipPort: ports.usbipPort,
  });
  const workplaces = nests.map(({ name }, index) => ({
    station: pc.name,
    nest: name,
    slot: index + 1,
    ports,
    page,
    speed: options.speed,
  }));
  return { pc, ports, url, workplaces };
}
