import { FlashlineError } from "@flashline/contract";
import type { Feature } from "../feature.ts";
import { noRowBefore } from "../http/lists.ts";
import { route } from "../http/route.ts";
import type { App } from "../http/server.ts";
import { tellLive } from "../live/topics.ts";
import { looping } from "../looping.ts";
import type { Platform } from "../platform.ts";
import { tellSetupChanged } from "../stations/topics.ts";
import { type CallsService, callsService } from "./calls.service.ts";
import { diskWatch } from "./disk.ts";
import { evaluator } from "./evaluate.ts";
import { type AlarmRow, alarmsRepository, alarmViewOf } from "./repository.ts";
import { rulesService } from "./rules.service.ts";
import { SOURCES } from "./sources.ts";
import { trialService } from "./trial/service.ts";

/** How often causes are looked for, and each replica at its disk, milliseconds. */
const LOOK_MS = 5_000;
const DISK_MS = 15_000;

/** Alarms: what needs a person, who takes it, and by which rules. */
export function alarmsFeature(
  app: App,
  { bus, config, db, log, outages }: Platform,
): Feature & { readonly openCalls: CallsService["open"] } {
  const alarms = alarmsRepository(db);
  const calls = callsService(db, alarms);
  const rules = rulesService(db);
  const onError = (err: unknown) => {
    if (!outages.note("database", err)) log.error({ err }, "alarms could not be looked for");
  };
  const tell = (ids: readonly string[]) => {
    for (const alarmId of ids) tellLive(bus, { type: "alarm", alarmId });
  };
  /** A station shows who takes its calls. */
  const told = (row: AlarmRow) => {
    tell([row.id]);
    if (row.rule === "lead.called" && row.stationId !== null)
      tellSetupChanged(bus, [row.stationId]);
    return { status: 200, body: alarmViewOf(row) } as const;
  };
  const evaluate = evaluator(db, SOURCES);
  const disk = diskWatch(db, config.dataFolder);
  const loops = [
    looping(LOOK_MS, async () => tell((await evaluate.look()).changed), onError),
    looping(DISK_MS, async () => tell(await disk.look()), onError),
  ];

  route(app, "callLead", async ({ caller, body, by }) => {
    const { isNew, id, call } = await calls.call(caller.stationId, body, by);
    if (isNew) {
      tell([id]);
      tellSetupChanged(bus, [caller.stationId]);
    }
    return { status: isNew ? 201 : 200, body: call };
  });
  route(app, "endCall", async ({ caller, params, by }) => {
    const call = await calls.end(caller.stationId, params.id, by);
    tell([call.id]);
    tellSetupChanged(bus, [caller.stationId]);
    return { status: 200, body: call };
  });
  route(app, "alarms", async ({ query }) => {
    const body = await alarms.list(query);
    if (body.length === 0 && query.after !== undefined) {
      await alarms.one(query.after).catch(() => {
        throw noRowBefore();
      });
    }
    return { status: 200, body };
  });
  route(app, "alarm", async ({ params }) => ({
    status: 200,
    body: alarmViewOf(await alarms.one(params.id)),
  }));
  route(app, "takeAlarm", async ({ params, body, by }) =>
    told(await alarms.take(params.id, body.from ?? null, by)),
  );
  route(app, "endAlarm", async ({ params, body, by }) =>
    told(await alarms.end(params.id, by, body.reason)),
  );
  route(app, "alarmRules", async () => ({ status: 200, body: await rules.list() }));
  const trials = trialService(db);
  route(app, "tryAlarmRule", async ({ params, body }) => ({
    status: 200,
    body: await trials.try(params.rule, body),
  }));
  route(app, "setAlarmRule", async ({ params, body, by }) => {
    if (body.enabled === undefined && body.settings === undefined && body.usual === undefined) {
      throw new FlashlineError(
        "request.invalid",
        "Say what to change: enabled, settings or usual.",
      );
    }
    return { status: 200, body: await rules.set(params.rule, body, by) };
  });

  return {
    handlers: {},
    openCalls: calls.open,
    start() {
      for (const loop of loops) loop.start();
    },
    async close() {
      await Promise.all(loops.map((loop) => loop.close()));
    },
  };
}
