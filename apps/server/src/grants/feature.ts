import type { Feature } from "../feature.ts";
import { route } from "../http/route.ts";
import type { App } from "../http/server.ts";
import type { Platform } from "../platform.ts";
import { tellSetupChanged } from "../stations/topics.ts";
import { holdersOf, workersOn } from "./ended.repository.ts";
import { grantKey } from "./key.ts";
import { setPlantGrants } from "./plant.repository.ts";
import { grantsService } from "./service.ts";

/** How often at most the stations that keep places of an order are asked for them, milliseconds. */
const ASK_EVERY_MS = 2_000;

/** What stations may flash while the server is away. */
export function grantsFeature(
  app: App,
  { db, bus, log, vault }: Platform,
): Feature & { readonly orderShort: (orderId: string) => void } {
  const key = grantKey(vault);
  const grants = grantsService(db, () => key);
  const asked = new Map<string, number>();

  route(app, "askGrant", async ({ caller, params, body, by }) => ({
    status: 200,
    body: await grants.ask(caller.stationId, params.id, body.abilities, by),
  }));
  route(app, "returnGrant", async ({ caller, params, body, by }) => {
    const ended = await grants.giveBack(caller.stationId, params.id, body?.taken ?? [], by);
    // Units that were refused for want of a place may go on.
    if (ended?.wasShort === true) tellSetupChanged(bus, await workersOn(db.sql, ended.orderId));
    return { status: 204, body: null };
  });
  route(app, "grants", async ({ query }) => ({ status: 200, body: await grants.list(query) }));
  route(app, "endGrant", async ({ params, body, by }) => {
    const { ended, view } = await grants.end(params.id, body.reason, by);
    const workers = await workersOn(db.sql, ended.orderId);
    tellSetupChanged(bus, [...new Set([...workers, ended.stationId])]);
    return { status: 200, body: view };
  });
  route(app, "setPlantGrants", async ({ params, body: { reason, ...asked }, by }) => {
    const body = await setPlantGrants(db, params.id, asked, reason, by);
    tellSetupChanged(bus);
    return { status: 200, body };
  });

  async function askForPlaces(orderId: string): Promise<void> {
    const now = Date.now();
    for (const [id, at] of asked) if (now - at > ASK_EVERY_MS) asked.delete(id);
    if (asked.has(orderId)) return;
    asked.set(orderId, now);
    const holders = await holdersOf(db.sql, orderId);
    if (holders.length > 0) tellSetupChanged(bus, holders);
  }

  return {
    handlers: {},
    orderShort(orderId) {
      askForPlaces(orderId).catch((err: unknown) => log.warn({ err }, "places were not asked for"));
    },
  };
}
