import { FlashlineError } from "@flashline/contract";
import { createPostgresBackend } from "bullmq";
import pg from "pg";
import { boundedConnection, SafeClient } from "../db/connection.ts";

/** BullMQ's tables live beside ours, in a schema of their own. */
const SCHEMA = "bullmq";
/** One pool a queue and one a worker; idle connections are given back. */
const POOL = 2;

export const queueConnection = (url: string, prepare: boolean) => ({
  ...boundedConnection(url, "flashline-queue", prepare),
  Client: SafeClient,
  schema: SCHEMA,
  migrate: true,
  max: POOL,
});

/**
 * BullMQ's backend on connections that cannot end the process. The pool takes the class from its settings; the connection that
 * listens is made from the module that BullMQ loaded, and only there can it be given another one.
 */
export const createSafeBackend: typeof createPostgresBackend = (name, options, more) => {
  const backend = createPostgresBackend(name, options, more);
  const { connection } = backend as unknown as { connection: { pgModule?: unknown } };
  if (connection.pgModule === undefined) {
    throw new FlashlineError(
      "internal.bug",
      "This version of BullMQ opens its connections otherwise.",
    );
  }
  connection.pgModule = { ...pg, Client: SafeClient };
  return backend;
};
