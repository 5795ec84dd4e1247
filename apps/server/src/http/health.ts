import type { Platform } from "../platform.ts";
import type { App } from "./server.ts";

const UNLISTED = { schema: { hide: true }, config: { rateLimit: false } } as const;
/** A dependency that answers later than this counts as down. Milliseconds. */
const PATIENCE_MS = 3_000;

function answers(ping: () => Promise<void>): Promise<boolean> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<boolean>((resolve) => {
    timer = setTimeout(() => resolve(false), PATIENCE_MS);
  });
  const answered = ping().then(
    () => true,
    () => false,
  );
  return Promise.race([answered, late]).finally(() => clearTimeout(timer));
}

/** `/healthz`: the process lives. `/readyz`: it can do its work, or 503 with what is missing. */
export function healthRoutes(app: App, { db, queues }: Platform): void {
  app.get("/healthz", UNLISTED, () => ({ status: "ok" }));
  app.get("/readyz", UNLISTED, async (_request, reply) => {
    const [database, queue] = await Promise.all([
      answers(() => db.ping()),
      answers(() => queues.ping()),
    ]);
    const ready = database && queue;
    return reply.code(ready ? 200 : 503).send({
      status: ready ? "ready" : "not ready",
      database: database ? "ok" : "down",
      queue: { backend: queues.kind, state: queue ? "ok" : "down" },
    });
  });
}
