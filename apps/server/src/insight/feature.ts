import { FlashlineError, normaliseSerial, type UnitDetail } from "@flashline/contract";
import { plainText } from "../db/json-text.ts";
import type { Feature } from "../feature.ts";
import { noRowBefore } from "../http/lists.ts";
import { route } from "../http/route.ts";
import type { App } from "../http/server.ts";
import { tellLive } from "../live/topics.ts";
import type { Platform } from "../platform.ts";
import { reworkRepository } from "../rework/repository.ts";
import { attemptsRepository } from "./attempts.repository.ts";
import { hostCountsService } from "./host-counts.service.ts";
import { hostsRepository } from "./hosts.repository.ts";
import { hostsNow } from "./hosts.service.ts";
import { keptService } from "./kept.service.ts";
import { readCursor } from "./unit-cursor.ts";
import { unitsRepository } from "./units.repository.ts";
import { yieldRepository } from "./yield.repository.ts";
import { yieldToday } from "./yield.service.ts";

const CATCH_UP_MS = 60_000;
/** Of a unit's attempts, so many of the latest are on its page. */
const MOST_OF_UNIT = 100;
/** How often what is kept for the lists is compared with the jobs behind it, milliseconds. */
const REPAIR_MS = 600_000;

/** What the pages ask: yield, attempts, units, hosts; and what hosts did, counted after results. */
export function insightFeature(app: App, { db, bus, log, outages }: Platform): Feature<"insight"> {
  const attempts = attemptsRepository(db);
  const units = unitsRepository(db);
  const rework = reworkRepository(db);
  const yields = yieldRepository(db);
  const hosts = hostsRepository(db);
  const kept = keptService(db.sql, (found, message) => log.error(found, message));
  const counts = hostCountsService(
    hosts,
    () => tellLive(bus, { type: "hosts" }),
    (err) => {
      if (!outages.note("database", err)) log.error({ err }, "hosts could not be counted");
    },
  );

  route(app, "yield", async ({ query }) => ({
    status: 200,
    body: await yieldToday(yields, query.product ?? null, query.plant ?? null),
  }));
  route(app, "attempts", async ({ query }) => {
    const body = await attempts.list(query);
    if (body.length === 0 && query.after !== undefined && !(await attempts.isReported(query.after)))
      throw noRowBefore();
    return { status: 200, body };
  });
  route(app, "attempt", async ({ params, query }) => {
    const body = await attempts.detail(params.id, query.incidents === "all");
    if (body === null) throw new FlashlineError("request.not_found");
    return { status: 200, body };
  });
  route(app, "units", async ({ query }) => ({
    status: 200,
    body: await units.find({
      search: plainText(normaliseSerial(query.search ?? "")),
      state: query.state,
      limit: query.limit,
      after: query.after === undefined ? undefined : readCursor(query.after),
    }),
  }));
  route(app, "unit", async ({ params }) => {
    // The unit's state is read last: it is never older than what its attempts say.
    const history = await attempts.ofUnit(params.id, MOST_OF_UNIT);
    const unit = await units.detail(params.id);
    if (unit === null) throw new FlashlineError("request.not_found");
    const made = await rework.of(params.id);
    const body: UnitDetail = { ...unit, history, ...(made === undefined ? {} : { rework: made }) };
    return { status: 200, body };
  });
  route(app, "hosts", async () => ({ status: 200, body: await hostsNow(hosts) }));

  return {
    handlers: {
      insight() {
        counts.ask();
        return Promise.resolve();
      },
    },
    tasks: [
      { name: "hosts", everyMs: CATCH_UP_MS, run: () => counts.catchUp() },
      { name: "kept-counts", everyMs: REPAIR_MS, run: () => kept.repair() },
    ],
    close: () => counts.close(),
  };
}
