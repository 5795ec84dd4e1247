import { mkdir } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { FlashlineError } from "@flashline/contract";
import { removeUnfinished } from "@flashline/durable-files";
import type { Logger } from "pino";
import type { Config } from "../config.ts";
import { examine } from "../doctor/examine.ts";
import { readHooks } from "../hooks/hooks-file.ts";
import { openJournal } from "../journal/journal.ts";
import { buildPageApp } from "../page/app.ts";
import { chooseSource, type SourceArguments } from "../source.ts";
import { readIdentity } from "../station/identity.ts";
import { lockData } from "../station/lock.ts";
import { refuseServersFolder } from "../station/own-folder.ts";
import { checkHealth } from "../updates/health.ts";
import { readLaunched } from "../updates/launched.ts";
import { openUpdates } from "../updates/opened.ts";
import { AGENT_VERSION } from "../version.ts";
import { startStation } from "./start-station.ts";

export interface RunningAgent {
  readonly url: string;
  stop(): Promise<void>;
}

/** Another command of this PC may write beside the agent, and takes no hour for it. */
const UNFINISHED_MS = 3_600_000;
const WEB_DIR = fileURLToPath(new URL("../../../web/dist/station", import.meta.url));

/** Starts the station and its page. @throws FlashlineError `agent.not_enrolled`, `agent.journal`, `config.invalid`. */
export async function runAgent(
  config: Config,
  given: SourceArguments,
  log: Logger,
  leave: (last: () => Promise<void>) => void,
): Promise<RunningAgent> {
  const { source, clock, virtual } = chooseSource(given);
  await refuseServersFolder(config.dataDir);
  const identity = await readIdentity(config.dataDir);
  const hooks = await readHooks(config.dataDir);
  await mkdir(config.dataDir, { recursive: true, mode: 0o700 });
  const lock = await lockData(config.dataDir);
  await removeUnfinished(config.dataDir, Date.now() - UNFINISHED_MS);
  const journal = await openJournal(config.dataDir);
  if (journal.damaged > 0) {
    log.error(
      { step: "journal", lines: journal.damaged },
      "the journal was damaged; a copy was kept",
    );
  }
  const { dataDir, cacheBytes, snapshotMs, way, scanKeptMs } = config;
  const serverUrl = config.server ?? identity.server;
  const kept = { dataDir, cacheBytes, snapshotMs, printer: config.printer, way, scanKeptMs, hooks };
  const launched = readLaunched(process.env);
  const updates = launched && (await openUpdates(launched, AGENT_VERSION));
  const updating = { updates, updateKeys: config.updateKeys, leave };
  const stationOptions = { identity, serverUrl, ...kept, journal, source, virtual };
  const station = await startStation({
    ...stationOptions,
    ...updating,
    clock,
    log,
    examine: () => examine(config, given.usbip),
  });
  const app = await buildPageApp({ page: station, webDir: WEB_DIR, log });
  const url = await app.listen({ host: config.host, port: config.port }).catch((cause: unknown) => {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new FlashlineError("config.invalid", `The station page cannot be served: ${reason}`, {
      cause,
    });
  });
  log.info(
    { step: "start", url, server: serverUrl, virtual, version: AGENT_VERSION },
    "station page",
  );
  if (updates?.onTrial === true) await checkHealth({ url, link: station.link });
  await station.confirmed();
  return {
    url,
    async stop() {
      await station.stop();
      await app.close();
      await source.close();
      await journal.close();
      await lock.release();
    },
  };
}
