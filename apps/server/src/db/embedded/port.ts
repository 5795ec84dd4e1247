import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import path from "node:path";

/** `wanted` when it is free, or any when it is 0; undefined where another process has it. */
async function probe(wanted: number): Promise<number | undefined> {
  const server = createServer();
  const isFree = await new Promise<boolean>((resolve) => {
    server.once("error", () => resolve(false));
    server.listen(wanted, "127.0.0.1", () => resolve(true));
  });
  if (!isFree) return undefined;
  const address = server.address();
  await new Promise((resolve) => server.close(resolve));
  return typeof address === "object" && address !== null ? address.port : undefined;
}

/**
 * The port for the cluster in `folder`: the one that was configured; else the one that it had before, so that a server that is
 * running finds it again whoever restarted it; else any free one.
 */
export async function choosePort(folder: string, configured: number): Promise<number> {
  if (configured !== 0) return configured;
  const file = path.join(folder, "port");
  const before = existsSync(file) ? Number(readFileSync(file, "utf8")) : 0;
  const remembered = Number.isInteger(before) && before > 0 && before < 65_536 ? before : 0;
  const port = (await probe(remembered)) ?? (await probe(0)) ?? 0;
  writeFileSync(file, String(port));
  return port;
}
