import { FlashlineError, normaliseSerial, type UnitDetail } from "@flashline/contract";
import { plainText } from "../db/json-text.ts";
import type { Feature } from "../feature.ts";
import { csvAnswer } from "../http/files.ts";
import { noRowBefore } from "../http/lists.ts";
import { route } from "../http/route.ts";
import type { App } from "../http/server.ts";
import { places } from "../limits/places.ts";
import { tellLive } from "../live/topics.ts";
import { trialEnds } from "../pacing/ends.ts";
import type { Platform } from "../platform.ts";
import { reworkRepository } from "../rework/repository.ts";
import { findSelection } from "../selection/find.ts";
import { attemptsRepository } from "./attempts.repository.ts";
import { hostCountsService } from "./host-counts.service.ts";
import { hostsRepository } from "./hosts.repository.ts";
import { hostsNow } from "./hosts.service.ts";
import { keptService } from "./kept.service.ts";
import { readCursor } from "./unit-cursor.ts";
import { unitsRepository } from "./units.repository.ts";

/** Lists in files that are read at a time. */
const MOST_READ = 3;
const CATCH_UP_MS = 60_000;
/** Of a unit's attempts, so many of the latest are on its page. */
const MOST_OF_UNIT = 100;
/** How often what is kept for the lists is compared with the jobs behind it, milliseconds. */
const REPAIR_MS = 600_000;

/** What the pages ask: attempts, units, hosts; and what hosts did, counted after results. */
export function insightFeature(app: App, { db, bus, log, outages }: Platform): Feature<"insight"> {
  const inPlace = places(MOST_READ);
  const attempts = attemptsRepository(db);
  const units = unitsRepository(db);
  const rework = reworkRepository(db);
  const hosts = hostsRepository(db);
  const kept = keptService(db.sql, (found, message) => log.error(found, message));
  const counts = hostCountsService(
    hosts,
    () => tellLive(bus, { type: "hosts" }),
    (err) => {
      if (!outages.note("database", err)) log.error({ err }, "hosts could not be counted");
    },
  );

  route(app, "attempts", async ({ query }) => {
    const { found } = await findSelection(db.sql, query);
    const body = await attempts.list(found, query);
    if (body.length === 0 && query.after !== undefined && !(await attempts.isReported(query.after)))
      throw noRowBefore();
    return { status: 200, body };
  });
  route(
    app,
    "attemptsList",
    async ({ query, signal }) => {
      const { found } = await findSelection(db.sql, query);
      return await inPlace(async (done) =>
        csvAnswer("attempts.csv", await attempts.csv(found, signal), done),
      );
    },
    { patient: true },
  );
  route(app, "attempt", async ({ params, query }) => {
    const body = await attempts.detail(params.id, query.incidents === "all");
    if (body === null) throw new FlashlineError("request.not_found");
    return { status: 200, body };
  });
  route(app, "units", async ({ query }) => {
    const { found } = await findSelection(db.sql, query);
    const filter = {
      search: plainText(normaliseSerial(query.search ?? "")),
      state: query.state,
      limit: query.limit,
      sort: query.sort,
      after: query.after === undefined ? undefined : readCursor(query.after),
    };
    const isSelected = Object.values(found).some((value) => value !== undefined);
    const body = await (isSelected ? units.findSelected(found, filter) : units.find(filter));
    return { status: 200, body };
  });
  route(
    app,
    "unitsList",
    async ({ query, signal }) => {
      const { found } = await findSelection(db.sql, query);
      const filter = {
        search: plainText(normaliseSerial(query.search ?? "")),
        state: query.state,
      };
      return await inPlace(async (done) =>
        csvAnswer("units.csv", await units.csv(found, filter, signal), done),
      );
    },
    { patient: true },
  );
  route(app, "unit", async ({ params }) => {
    // The unit's state is read last: it is never older than what its attempts say.
    const history = await attempts.ofUnit(params.id, MOST_OF_UNIT);
    const unit = await units.detail(params.id);
    if (unit === null) throw new FlashlineError("request.not_found");
    const made = await rework.of(params.id);
    const body: UnitDetail = { ...unit, history, ...(made === undefined ? {} : { rework: made }) };
    return { status: 200, body };
  });
  route(app, "hosts", async () => ({
    status: 200,
    body: await hostsNow(hosts, await trialEnds(db.sql)),
  }));

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
