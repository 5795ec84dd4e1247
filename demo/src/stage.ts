import { chmod, mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { formatPublicKey, generateKeyPair } from "@flashline/signing";
import { type Api, personApi, tokenApi } from "./api.ts";
import { type RunningLine, startLines, startSims } from "./line/start.ts";
import type { DemoOptions } from "./options.ts";
import { freePort } from "./processes/ports.ts";
import { createProcesses, type Processes } from "./processes/processes.ts";
import type { Voice } from "./say.ts";
import { type Login, startServer } from "./server.ts";
import { ADMIN, addPeople, addReleaseToken, makeLogins } from "./setup/people.ts";
import type { LinePc } from "./setup/place.ts";
import {
  addAddresses,
  addPlant,
  addStations,
  addUnits,
  addWorkOrder,
  PRODUCT,
} from "./setup/plant.ts";
import { type FirmwareFile, publishRelease } from "./setup/release.ts";
import type { DemoUnit } from "./setup/units.ts";

/** Everything that runs when the curtain goes up. */
export interface Stage {
  readonly url: string;
  readonly api: Api;
  readonly logins: readonly Login[];
  readonly lines: readonly RunningLine[];
}

export interface Backstage {
  readonly folder: string;
  readonly processes: Processes;
  readonly strike: () => Promise<void>;
}

/** A fresh data folder for this run alone; it goes when the demo goes. */
export async function openBackstage(): Promise<Backstage> {
  const folder = await mkdtemp(join(tmpdir(), "flashline-demo-"));
  // PostgreSQL's own account may pass: a cluster inside goes with the folder, also where the demo runs as root.
  await chmod(folder, 0o711);
  const logs = join(folder, "logs");
  await mkdir(logs);
  const processes = createProcesses(logs, folder);
  return {
    folder,
    processes,
    async strike() {
      await processes.stopAll();
      await rm(folder, { recursive: true, force: true, maxRetries: 5, retryDelay: 200 });
    },
  };
}

/** Starts server, simulators and agents, and does what a plant does before its first shift. */
export async function setStage(
  { folder, processes }: Backstage,
  voice: Voice,
  options: DemoOptions,
  play: {
    readonly pcs: readonly LinePc[];
    readonly units: readonly DemoUnit[];
    readonly firmware: FirmwareFile;
  },
): Promise<Stage> {
  const { pcs, units, firmware } = play;
  const { speed, chip } = options;
  const partName = `STM32${chip.toUpperCase()}`;
  voice.line("Starting the server with its own PostgreSQL, and the virtual line PCs …");
  const port = await freePort(8370, new Set());
  const server = await startServer(processes, { port, data: join(folder, "server") });
  const sims = startSims(processes, pcs, { chip, speed });
  // Awaited below; until then its failure must not count as unhandled.
  sims.catch(() => undefined);
  // Nobody logs in to a shift without persons.
  const logins = options.once || options.story ? [ADMIN] : makeLogins();
  const [token] = await Promise.all([addReleaseToken(server), addPeople(server, logins)]);
  const api = await personApi(server.url, ADMIN.name, ADMIN.password);

  const { publicKey, secretKey } = generateKeyPair();
  const publicKeyFile = join(folder, "release.pub");
  await writeFile(publicKeyFile, formatPublicKey(publicKey));
  await api("addKey", {
    body: { name: "demo firmware team", publicKey: formatPublicKey(publicKey) },
  });
  await addPlant(api, partName);
  await addUnits(api, units);
  await addAddresses(api);
  const tokens = await addStations(api, pcs);
  const ci = tokenApi(server.url, token);
  const [release, lines] = await Promise.all([
    publishRelease(ci, { product: PRODUCT, chip: partName, firmware, secretKey }),
    sims.then((ports) =>
      startLines(processes, pcs, ports, tokens, {
        chip,
        speed,
        serverUrl: server.url,
        publicKeyFile,
        data: folder,
      }),
    ),
  ]);
  await addWorkOrder(api, pcs, units.length);
  voice.line(
    `Published ${firmware.name} as ${PRODUCT} ${release.version}, signed with key ${release.keyId}.`,
  );
  return { url: server.url, api, logins, lines };
}
