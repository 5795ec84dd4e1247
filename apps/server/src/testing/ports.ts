import { once } from "node:events";
import { createServer } from "node:net";

/**
 * A free port below those that systems give to clients (from 32768 on): a client that asks again and again at a port that
 * nobody listens on may be given that very port, and is then connected to itself.
 */
export async function freePort(): Promise<number> {
  const port = 20_000 + Math.floor(Math.random() * 12_000);
  const probe = createServer();
  const free = await new Promise<boolean>((resolve) => {
    probe.once("error", () => resolve(false));
    probe.listen(port, "127.0.0.1", () => resolve(true));
  });
  if (!free) return await freePort();
  probe.close();
  await once(probe, "close");
  return port;
}
