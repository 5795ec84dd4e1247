import { isCode, VERSION_HEADER } from "@flashline/contract";
import { CREDENTIALS_TOPIC } from "../auth/feature.ts";
import { hashSecret } from "../auth/secrets.ts";
import type { Feature } from "../feature.ts";
import { route } from "../http/route.ts";
import type { App } from "../http/server.ts";
import type { Origin } from "../ledger/origin.ts";
import { recordEvent } from "../ledger/record.ts";
import { addressOf } from "../limits/address.ts";
import { type Limit, triesOn } from "../limits/tries.ts";
import type { Platform } from "../platform.ts";
import { doctorRepository } from "./doctor.repository.ts";
import { nestsRepository } from "./nests.repository.ts";
import { stationsRepository } from "./repository.ts";
import { type SetupOthers, stationsService } from "./service.ts";
import { tellSetupChanged } from "./topics.ts";

/** A line that is installed at once fits, guessing does not. */
const OF_ADDRESS: Limit = { most: 30, inMs: 60_000 };
/** One token, from whichever addresses; an agent that lost the answer asks again. */
const OF_TOKEN: Limit = { most: 10, inMs: 60_000 };

export function stationsFeature(
  app: App,
  { db, bus, log }: Platform,
  others: SetupOthers,
): Feature {
  const stations = stationsService(stationsRepository(db), nestsRepository(db), others);
  const tries = triesOn(db.sql);
  const failed = async (machine: string, by: Origin): Promise<void> => {
    log.warn({ machine, address: by.address }, "enrollment failed");
    const subject = { name: machine };
    await recordEvent(db.sql, { kind: "station.enroll-failed", by, subject, data: {} });
  };
  route(app, "addStation", async ({ body, by }) => ({
    status: 201,
    body: await stations.add(body, by),
  }));
  route(app, "revokeStation", async ({ params, body, by }) => {
    await stations.revoke(params.id, body.reason, by);
    bus.publish(CREDENTIALS_TOPIC, {});
    return { status: 204, body: null };
  });
  route(app, "enroll", async ({ body, by, request }) => {
    const version = request.headers[VERSION_HEADER];
    const address = addressOf(request);
    await tries.take(`enrol address ${address}`, OF_ADDRESS);
    await tries.take(`enrol token ${hashSecret(body.token)}`, OF_TOKEN);
    const answer = await stations
      .enroll(body, typeof version === "string" ? version.slice(0, 60) : null, by)
      .catch(async (error: unknown) => {
        if (isCode(error, "enrol.token") || isCode(error, "enrol.clone"))
          await failed(body.machine, by);
        throw error;
      });
    bus.publish(CREDENTIALS_TOPIC, {});
    tellSetupChanged(bus);
    return { status: 201, body: answer };
  });
  route(app, "setup", async ({ caller }) => ({
    status: 200,
    body: await stations.setup(caller.stationId),
  }));
  route(app, "setNests", async ({ caller, body, by }) => {
    if (await stations.teachNests(caller.stationId, body.nests, by)) {
      tellSetupChanged(bus, [caller.stationId]);
    }
    return { status: 200, body: await stations.setup(caller.stationId) };
  });
  const doctors = doctorRepository(db);
  route(app, "reportDoctor", async ({ caller, body }) => {
    await doctors.keep(caller.stationId, body);
    return { status: 204, body: null };
  });
  route(app, "stationDoctor", async ({ params }) => ({
    status: 200,
    body: await doctors.latest(params.id),
  }));
  return { handlers: {} };
}
