import { Readable } from "node:stream";
import { FlashlineError, UPDATE_PART, type WantedUpdate } from "@flashline/contract";
import type { Feature } from "../feature.ts";
import { route } from "../http/route.ts";
import type { App } from "../http/server.ts";
import { tellLive } from "../live/topics.ts";
import type { Platform } from "../platform.ts";
import { tellSetupChanged } from "../stations/topics.ts";
import { imageBytes } from "../storage/blobs.ts";
import { progressRepository } from "./progress.repository.ts";
import { pushesRepository } from "./pushes.repository.ts";
import { updatesService } from "./service.ts";
import { updateStationsRepository } from "./stations.repository.ts";
import { updatesRepository } from "./updates.repository.ts";

/** A station that was away does not tell that it is back: whoever waits for it is looked at this often. */
const ADVANCE_EVERY_MS = 5_000;

const namesOf = (text: string | undefined): string[] =>
  (text ?? "")
    .split(",")
    .map((name) => name.trim())
    .filter((name) => name !== "");

/** Updates of the agents. `wanted`: what a station is to take. */
export function updatesFeature(
  app: App,
  { db, bus, blobs }: Platform,
): Feature & { readonly wanted: (stationId: string) => Promise<WantedUpdate | null> } {
  const updates = updatesService({
    updates: updatesRepository(db),
    stations: updateStationsRepository(db),
    pushes: pushesRepository(db),
    progress: progressRepository(db),
    tell(stationIds) {
      if (stationIds.length > 0) tellSetupChanged(bus, stationIds);
      tellLive(bus, { type: "updates" });
    },
  });
  route(app, "reportUpdate", async ({ caller, body, by }) => {
    await updates.report(caller.stationId, body, by);
    return { status: 204, body: null };
  });
  route(app, "updateBundle", async ({ params, query }) => {
    const { sha256 } = params;
    if (!(await updates.isOffered(sha256))) {
      throw new FlashlineError("request.not_found", "There is no such update.");
    }
    const bytes = await imageBytes(blobs, sha256);
    const part = bytes.subarray(query.offset, query.offset + UPDATE_PART);
    return {
      status: 200,
      body: null,
      stream: Readable.from(part.length === 0 ? [] : [part]),
      headers: {
        "content-type": "application/octet-stream",
        "content-length": String(part.length),
      },
    };
  });
  route(app, "addUpdate", async ({ body, by }) => {
    const { update, isNew } = await updates.publish(body, by);
    return { status: isNew ? 201 : 200, body: update };
  });
  route(app, "updates", async ({ query }) => ({
    status: 200,
    body: await updates.list(query.limit, query.after),
  }));
  route(app, "withdrawUpdate", async ({ params, body, by }) => ({
    status: 200,
    body: await updates.withdraw(params.id, body.reason, by),
  }));
  route(app, "stationVersions", async ({ query }) => ({
    status: 200,
    body: await updates.stationVersions(query.limit, query.after),
  }));
  route(app, "previewPush", async ({ query }) => {
    const { lines, stations, ...target } = query;
    const named = { lines: namesOf(lines), stations: namesOf(stations) };
    return { status: 200, body: await updates.preview({ ...target, ...named }) };
  });
  route(app, "pushUpdate", async ({ body, by }) => ({
    status: 201,
    body: await updates.push(body, by),
  }));
  route(app, "pushes", async ({ query }) => ({
    status: 200,
    body: await updates.pushes(query.limit, query.after),
  }));
  route(app, "pausePush", async ({ params, body, by }) => ({
    status: 200,
    body: await updates.pause(params.id, body.reason, by),
  }));
  route(app, "resumePush", async ({ params, body, by }) => ({
    status: 200,
    body: await updates.resume(params.id, body.reason, by),
  }));
  route(app, "endPush", async ({ params, body, by }) => ({
    status: 200,
    body: await updates.end(params.id, body.reason, by),
  }));
  return {
    handlers: {},
    wanted: updates.wanted,
    tasks: [{ name: "update-pushes", everyMs: ADVANCE_EVERY_MS, run: () => updates.advance() }],
  };
}
