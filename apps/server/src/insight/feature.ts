import { FlashlineError, normaliseSerial, type UnitDetail } from "@flashline/contract";
import { plainText } from "../db/json-text.ts";
import type { Feature } from "../feature.ts";
import { route } from "../http/route.ts";
import type { App } from "../http/server.ts";
import { tellLive } from "../live/topics.ts";
import type { Platform } from "../platform.ts";
import { attemptsRepository } from "./attempts.repository.ts";
import { hostsRepository } from "./hosts.repository.ts";
import { hostsNow } from "./hosts.service.ts";
import { judgeService } from "./judge.service.ts";
import { unitsRepository } from "./units.repository.ts";
import { yieldRepository } from "./yield.repository.ts";
import { yieldToday } from "./yield.service.ts";

const CATCH_UP_MS = 60_000;

/** What the pages ask: yield, attempts, units, hosts; and the verdict on hosts after results. */
export function insightFeature(app: App, { db, bus, log, outages }: Platform): Feature<"insight"> {
  const attempts = attemptsRepository(db);
  const units = unitsRepository(db);
  const yields = yieldRepository(db);
  const hosts = hostsRepository(db);
  const judge = judgeService(
    hosts,
    () => tellLive(bus, { type: "hosts" }),
    (err) => {
      if (!outages.note("database", err)) log.error({ err }, "hosts could not be judged");
    },
  );

  route(app, "yield", async ({ query }) => ({
    status: 200,
    body: await yieldToday(yields, query.product ?? null),
  }));
  route(app, "attempts", async ({ query }) => ({ status: 200, body: await attempts.list(query) }));
  route(app, "attempt", async ({ params }) => {
    const body = await attempts.detail(params.id);
    if (body === null) throw new FlashlineError("request.not_found");
    return { status: 200, body };
  });
  route(app, "units", async ({ query }) => ({
    status: 200,
    body: await units.find(
      plainText(normaliseSerial(query.search ?? "")),
      query.state,
      query.limit,
    ),
  }));
  route(app, "unit", async ({ params }) => {
    const [unit, history] = await Promise.all([
      units.detail(params.id),
      attempts.ofUnit(params.id),
    ]);
    if (unit === null) throw new FlashlineError("request.not_found");
    const body: UnitDetail = { ...unit, history };
    return { status: 200, body };
  });
  route(app, "hosts", async () => ({ status: 200, body: await hostsNow(hosts) }));

  return {
    handlers: {
      insight() {
        judge.ask();
        return Promise.resolve();
      },
    },
    tasks: [{ name: "hosts", everyMs: CATCH_UP_MS, run: () => judge.catchUp() }],
    close: () => judge.close(),
  };
}
