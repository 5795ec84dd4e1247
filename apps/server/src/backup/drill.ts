import { chmod, mkdir, mkdtemp, rm } from "node:fs/promises";
import path from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { FlashlineError } from "@flashline/contract";
import type { Logger } from "pino";
import { readConfig } from "../config/config.ts";
import { patientConnection, SafeClient } from "../db/connection.ts";
import { startEmbedded } from "../db/embedded/cluster.ts";
import { removeDataFolder } from "../db/embedded/left-over.ts";
import { serve } from "../serve.ts";
import { exportDatabase } from "./export.ts";
import type { Manifest, TableRecord } from "./manifest.ts";
import { restore } from "./restore.ts";

export interface DrillReport {
  readonly manifest: Manifest;
  /** Tables of the back-up that are not Flashline's. */
  readonly leftOut: readonly string[];
  readonly rows: number;
  readonly images: number;
  /** What a request to the restored server was answered with. */
  readonly ready: string;
}

/** What a copy of a plant's server is started with: it has the plant's webhooks and recipients, and the key to their secrets. */
export const SENDS_NOTHING = { FLASHLINE_SEND: "false" } as const;

type Settings = Readonly<Record<string, string>>;

/** Tables that a restore itself writes to. */
const GROWS: readonly string[] = ["ledger_open", "audit_entry"];

/** What of the restored database is not what the back-up holds; nothing where all is. */
async function differences(
  url: string,
  expected: readonly TableRecord[],
  scratch: string,
): Promise<readonly string[]> {
  const client = new SafeClient(patientConnection(url, "flashline-drill"));
  try {
    await client.connect();
    await mkdir(path.join(scratch, "database"), { recursive: true });
    const { tables } = await exportDatabase(client, scratch);
    const restored = new Map(tables.map((table) => [table.name, table]));
    return expected.flatMap(({ name, rows, sha256 }) => {
      const found = restored.get(name);
      const more = GROWS.includes(name) ? 1 : 0;
      if (found?.rows !== rows + more) return [`${name}: ${found?.rows ?? 0} of ${rows} rows`];
      return more > 0 || found.sha256 === sha256 ? [] : [`${name}: other content`];
    });
  } finally {
    await client.end().catch(() => undefined);
  }
}

/** A machine that is busy with its real work is given so long to have the restored server ready, milliseconds. */
const READY_MS = 30_000;
const AGAIN_MS = 250;

/** Starts a server on the restored folder, which nobody knows of, and asks until it is ready, or for {@link READY_MS}. */
async function askRestored(dataFolder: string, also: Settings, log: Logger): Promise<string> {
  const own = { FLASHLINE_DATA: dataFolder, FLASHLINE_PORT: "0" };
  const environment = { ...also, ...own, ...SENDS_NOTHING };
  const server = await serve(readConfig(environment), log);
  try {
    for (const end = performance.now() + READY_MS; ; await pause(AGAIN_MS)) {
      const answer = await fetch(`${server.url}/readyz`);
      const said = `${answer.status} ${await answer.text()}`;
      if (answer.ok || performance.now() > end) return said;
    }
  } finally {
    await server.stop();
  }
}

/** Rejects with `backup.unusable` when the restored data is not what it was, or no server comes up on it. */
async function tryRestored(
  dataFolder: string,
  tables: readonly TableRecord[],
  scratch: string,
  also: Settings,
  log: Logger,
): Promise<string> {
  const cluster = await startEmbedded({ data: dataFolder });
  try {
    const problems = await differences(cluster.url, tables, scratch);
    if (problems.length > 0) {
      throw new FlashlineError("backup.unusable", "The restored database is not what it was.", {
        details: problems,
      });
    }
    const ready = await askRestored(dataFolder, also, log);
    if (ready.startsWith("200 ")) return ready;
    throw new FlashlineError("backup.unusable", `The restored server is not ready: ${ready}`);
  } finally {
    await cluster.stop();
  }
}

/**
 * Restores a back-up into a temporary folder under `scratch`, with the embedded PostgreSQL, compares each table with what was
 * backed up, and starts a server on it that listens on a free port of 127.0.0.1. Leaves nothing. The back-up is compared with
 * itself only: what the server did since does not count. `also`: settings of that server, which sends nothing whatever they are.
 * Rejects with `backup.unusable` where a table is not what it was, or the server is not ready.
 */
export async function drill(
  from: string,
  scratch: string,
  log: Logger,
  also: Settings = {},
): Promise<DrillReport> {
  const folder = await mkdtemp(path.join(scratch, "flashline-drill-"));
  // PostgreSQL's account must pass through.
  await chmod(folder, 0o711);
  const dataFolder = path.join(folder, "data");
  try {
    const options = { from, dataFolder, databaseUrl: undefined, replace: false, skipNumbers: 0 };
    const { manifest, leftOut } = await restore(options);
    const tables = manifest.tables.filter(({ name }) => !leftOut.includes(name));
    const ready = await tryRestored(dataFolder, tables, path.join(folder, "compared"), also, log);
    return {
      manifest,
      leftOut,
      rows: tables.reduce((sum, { rows }) => sum + rows, 0),
      images: manifest.files.filter((file) => file.path.startsWith("images/")).length,
      ready,
    };
  } finally {
    await removeDataFolder(dataFolder).catch(() => undefined);
    await rm(folder, { recursive: true, force: true });
  }
}
