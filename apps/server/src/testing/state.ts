import { cpSync, existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { pino } from "pino";
import { buildApp } from "../app.ts";
import { verifyRepository } from "../audit/verify.repository.ts";
import { verifyLedger } from "../audit/verify.ts";
import { checkBackup } from "../backup/check.ts";
import { loadDatabase } from "../backup/load.ts";
import { readConfig } from "../config/config.ts";
import type { App } from "../http/server.ts";
import { keptService } from "../insight/kept.service.ts";
import { repairUsed } from "../jobs/used.repository.ts";
import { openPlatform, type Platform } from "../platform.ts";
import { createTestDatabase } from "./database.ts";

/** A server of today on the database and files of an older one. */
export interface UpgradedServer {
  readonly url: string;
  readonly app: App;
  readonly platform: Platform;
  /** What triggers keep for lists and does not agree with what is behind it, in words. */
  wrongCounts(): Promise<readonly string[]>;
  /** Problems of the ledger's chain, and how many events it has. */
  ledger(): ReturnType<typeof verifyLedger>;
  close(): Promise<void>;
}

/** Loads a back-up as it is, with its version's schema, and starts this version on it: it migrates. Listens on 127.0.0.1. */
export async function startUpgraded(from: string): Promise<UpgradedServer> {
  const database = await createTestDatabase({ empty: true });
  const data = mkdtempSync(path.join(tmpdir(), "flashline-upgraded-"));
  const clean = async () => {
    await database.drop();
    rmSync(data, { recursive: true, force: true });
  };
  try {
    const manifest = await checkBackup(from);
    await loadDatabase(database.url, { folder: from, manifest, skipNumbers: 0 });
    for (const name of ["images", "secrets"]) {
      const folder = path.join(from, name);
      if (existsSync(folder)) cpSync(folder, path.join(data, name), { recursive: true });
    }
    const log = pino({ level: process.env["FLASHLINE_TEST_LOG"] ?? "silent" });
    const config = readConfig({ FLASHLINE_DATA: data, DATABASE_URL: database.url });
    const platform = await openPlatform(config, log);
    const app = await buildApp(platform);
    const url = await app.listen({ host: "127.0.0.1", port: 0 });
    const { sql } = platform.db;
    return {
      url,
      app,
      platform,
      async wrongCounts() {
        const wrong = (await repairUsed(sql)).map((found) => JSON.stringify(found));
        const tell = (found: object, message: string) =>
          wrong.push(`${message}: ${JSON.stringify(found)}`);
        await keptService(sql, tell).repair();
        return wrong;
      },
      ledger: () => verifyLedger(verifyRepository(sql), []),
      async close() {
        await app.close();
        await platform.close();
        await clean();
      },
    };
  } catch (error) {
    await clean();
    throw error;
  }
}
