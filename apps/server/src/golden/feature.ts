import type { Feature } from "../feature.ts";
import type { SetHold } from "../guard/guard.ts";
import { route } from "../http/route.ts";
import type { App } from "../http/server.ts";
import { tellLive } from "../live/topics.ts";
import type { Platform } from "../platform.ts";
import { tellSetupChanged } from "../stations/topics.ts";
import { hostGolden } from "./host.repository.ts";
import { openCheck } from "./open.repository.ts";
import { acceptResult } from "./result.repository.ts";
import {
  goldenChecks,
  goldenNests,
  goldenRule,
  setGoldenRule,
  stationsOf,
} from "./rule.repository.ts";
import { planRun, previewRun, stopRun } from "./runs.repository.ts";
import { giveUpCheck, startCheck } from "./start.repository.ts";
import { takeOff } from "./take-off.ts";
import { addGolden, goldenUnit, goldenUnits, retireGolden } from "./units.repository.ts";

/** How often is looked for a nest that a server did not get to take out of use. */
const LOOK_MS = 2_000;

/** Golden units: known units that check nests, on demand, on a plant's schedule, or so often for a host in doubt. No yield counts them. */
export function goldenFeature(app: App, { db, bus, log }: Platform, setHold: SetHold): Feature {
  const everyone = () => tellSetupChanged(bus);
  const station = (id: string) => {
    tellSetupChanged(bus, [id]);
    tellLive(bus, { type: "hosts" });
  };

  route(app, "goldenUnits", async ({ query }) => ({
    status: 200,
    body: await goldenUnits(db, query),
  }));
  route(app, "goldenUnit", async ({ params }) => ({
    status: 200,
    body: await goldenUnit(db, params.serial),
  }));
  route(app, "addGolden", async ({ body, by }) => {
    const { isNew, golden } = await addGolden(db, body, by);
    if (isNew) everyone();
    return { status: isNew ? 201 : 200, body: golden };
  });
  route(app, "retireGolden", async ({ params, body, by }) => {
    const golden = await retireGolden(db, params.serial, body.reason, by);
    everyone();
    return { status: 200, body: golden };
  });
  route(app, "goldenNests", async ({ query }) => ({
    status: 200,
    body: await goldenNests(db, query),
  }));
  route(app, "goldenChecks", async ({ query }) => ({
    status: 200,
    body: await goldenChecks(db, query),
  }));
  route(app, "goldenRule", async ({ params }) => ({
    status: 200,
    body: await goldenRule(db, params.id),
  }));
  route(app, "setGoldenRule", async ({ params, body, by }) => {
    const { plantId, rule } = await setGoldenRule(db, params.id, body, by);
    tellSetupChanged(bus, await stationsOf(db.sql, plantId));
    return { status: 200, body: rule };
  });
  route(app, "hostGolden", async ({ params }) => ({
    status: 200,
    body: await hostGolden(db, params.id),
  }));
  route(app, "previewGoldenRun", async ({ query }) => ({
    status: 200,
    body: await previewRun(db, query),
  }));
  route(app, "planGoldenRun", async ({ body, by }) => {
    const { stationId, run } = await planRun(db, body, by);
    station(stationId);
    return { status: 201, body: run };
  });
  route(app, "stopGoldenRun", async ({ params, body, by }) => {
    const { stationId, run } = await stopRun(db, params.id, body.reason, by);
    station(stationId);
    return { status: 200, body: run };
  });

  route(app, "openGoldenCheck", async ({ caller, body }) => {
    const { isNew, order } = await openCheck(db, caller.stationId, body);
    return { status: isNew ? 201 : 200, body: order };
  });
  route(app, "startGoldenCheck", async ({ caller, params, body, by }) => ({
    status: 200,
    body: { state: await startCheck(db, caller.stationId, params.id, body, by) },
  }));
  route(app, "giveUpGoldenCheck", async ({ caller, params, body, by }) => ({
    status: 200,
    body: { state: await giveUpCheck(db, caller.stationId, params.id, body, by) },
  }));
  route(app, "goldenResult", async ({ caller, params, body, rawBody, by }) => {
    const { isNew, state } = await acceptResult(db, caller.stationId, params.id, body, rawBody, by);
    if (isNew) {
      // The mark stands: what is cut off here, the task does.
      await takeOff(db, setHold).catch((err: unknown) =>
        log.error({ err }, "a nest was not taken out of use at once"),
      );
      station(caller.stationId);
    }
    return { status: isNew ? 201 : 200, body: { state } };
  });

  return {
    handlers: {},
    tasks: [{ name: "golden", everyMs: LOOK_MS, run: () => takeOff(db, setHold) }],
  };
}
