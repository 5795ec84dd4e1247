import { rmSync } from "node:fs";
import pg from "pg";
import type { TestProject } from "vitest/node";
import { startEmbedded } from "../db/embedded/cluster.ts";
import { migrate } from "../db/migrate.ts";
import { temporaryDataFolder } from "./data-folder.ts";

declare module "vitest" {
  interface ProvidedContext {
    /** Maintenance database of the run's cluster. */
    readonly postgresUrl: string;
  }
}

/** Migrated once; every test database is a copy of it. */
export const TEMPLATE = "flashline_template";

/**
 * One cluster for the whole run: the embedded PostgreSQL, or the one whose `bin` folder FLASHLINE_TEST_POSTGRES names
 * (Debian's is /usr/lib/postgresql/15/bin).
 */
export default async function setup(project: TestProject) {
  const data = temporaryDataFolder("test");
  const binaries = process.env["FLASHLINE_TEST_POSTGRES"];
  const cluster = await startEmbedded({
    data,
    settings: [
      "fsync=off",
      "synchronous_commit=off",
      "full_page_writes=off",
      "max_connections=400",
    ],
    ...(binaries === undefined || binaries === "" ? {} : { binaries }),
  });
  const client = new pg.Client({ connectionString: cluster.url });
  await client.connect();
  await client.query(`CREATE DATABASE ${TEMPLATE}`);
  await client.end();
  const template = new URL(cluster.url);
  template.pathname = `/${TEMPLATE}`;
  await migrate(template.href);
  project.provide("postgresUrl", cluster.url);
  return async () => {
    await cluster.stop();
    rmSync(data, { recursive: true, force: true });
  };
}
