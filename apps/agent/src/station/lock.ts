import { createHash } from "node:crypto";
import { realpath } from "node:fs/promises";
import { createServer } from "node:net";
import { FlashlineError } from "@flashline/contract";

export interface DataLock {
  release(): Promise<void>;
}

/**
 * Makes this process the only agent on the data folder: two would write one journal. An abstract socket (unix(7)) disappears
 * with its process, so that nothing is left behind by kill -9.
 * @throws FlashlineError `config.invalid` when another agent has it.
 */
export async function lockData(dataDir: string): Promise<DataLock> {
  const digest = createHash("sha256")
    .update(await realpath(dataDir))
    .digest("hex");
  const server = createServer();
  await new Promise<void>((resolve, reject) => {
    server.once("error", (cause) =>
      reject(new FlashlineError("config.invalid", `Another agent runs on ${dataDir}.`, { cause })),
    );
    server.listen(`\0flashline-agent-${digest.slice(0, 32)}`, resolve);
  });
  server.unref();
  return { release: () => new Promise((resolve) => server.close(() => resolve())) };
}
