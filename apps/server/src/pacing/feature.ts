import type { Feature } from "../feature.ts";
import { route } from "../http/route.ts";
import type { App } from "../http/server.ts";
import { tellLive } from "../live/topics.ts";
import type { Platform } from "../platform.ts";
import { beginAnew, decideTrials } from "./decide.ts";
import { hostPacing, previewProfile, setProfile } from "./host-profile.repository.ts";
import { allTrials, viewOf } from "./trial.repository.ts";

/** How often trials are looked at. */
const DECIDE_MS = 5_000;

/** Trials of gentler pacing at hosts that are in doubt, and the profile that an engineer sets for one. */
export function pacingFeature(app: App, { db, bus }: Platform): Feature {
  const tell = () => tellLive(bus, { type: "hosts" });

  route(app, "pacingTrials", async () => ({
    status: 200,
    body: (await allTrials(db.sql)).map(viewOf),
  }));
  route(app, "restartPacingTrial", async ({ params, body, by }) => {
    const trial = await beginAnew(db, params.id, body.reason, by);
    tell();
    return { status: 200, body: trial };
  });
  route(app, "hostPacing", async ({ params }) => ({
    status: 200,
    body: await hostPacing(db, params.id),
  }));
  route(app, "previewHostProfile", async ({ params, query }) => ({
    status: 200,
    body: await previewProfile(db, params.id, query.profile === "none" ? null : query.profile),
  }));
  route(app, "setHostProfile", async ({ params, body, by }) => {
    const effect = await setProfile(db, params.id, body, by);
    tell();
    return { status: 200, body: effect };
  });

  return {
    handlers: {},
    tasks: [
      {
        name: "pacing",
        everyMs: DECIDE_MS,
        async run() {
          if (await decideTrials(db)) tell();
        },
      },
    ],
  };
}
