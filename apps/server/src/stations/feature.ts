import { VERSION_HEADER } from "@flashline/contract";
import { CREDENTIALS_TOPIC } from "../auth/feature.ts";
import type { Feature } from "../feature.ts";
import { actorOf } from "../http/caller.ts";
import { route } from "../http/route.ts";
import type { App } from "../http/server.ts";
import type { Platform } from "../platform.ts";
import { stationsRepository } from "./repository.ts";
import { stationsService } from "./service.ts";
import { tellSetupChanged } from "./topics.ts";

/** Of one address: a line that is installed at once fits, guessing does not. */
const ENROLLMENTS_PER_MINUTE = 30;

export function stationsFeature(app: App, { db, bus }: Platform): Feature {
  const stations = stationsService(stationsRepository(db));
  route(app, "addStation", async ({ body, caller }) => ({
    status: 201,
    body: await stations.add(body, actorOf(caller)),
  }));
  route(
    app,
    "enroll",
    async ({ body, request }) => {
      const version = request.headers[VERSION_HEADER];
      const answer = await stations.enroll(body, typeof version === "string" ? version : null);
      bus.publish(CREDENTIALS_TOPIC, {});
      tellSetupChanged(bus);
      return { status: 201, body: answer };
    },
    { perMinute: ENROLLMENTS_PER_MINUTE },
  );
  route(app, "setup", async ({ caller }) => ({
    status: 200,
    body: await stations.setup(caller.stationId),
  }));
  return { handlers: {} };
}
