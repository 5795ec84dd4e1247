import { FlashlineError, HOLD_ACCESS, HoldTarget } from "@flashline/contract";
import type { Feature } from "../feature.ts";
import { mustBeAllowed } from "../http/caller.ts";
import { route } from "../http/route.ts";
import type { App } from "../http/server.ts";
import { tellLive } from "../live/topics.ts";
import type { Platform } from "../platform.ts";
import { tellSetupChanged } from "../stations/topics.ts";
import { holdsRepository } from "./repository.ts";
import { holdsService } from "./service.ts";

/** A query's target; the fields of other kinds have no meaning in it. */
function targetOf(query: object): HoldTarget {
  const target = HoldTarget.safeParse(query);
  if (target.success) return target.data;
  const [issue] = target.error.issues;
  const field = issue?.path.join(".") ?? "";
  throw new FlashlineError("request.invalid", `${field}: this kind of target needs it.`, {
    details: target.error.issues.map(({ path, message }) => ({ path: path.join("."), message })),
    parameters: { path: field, message: "this kind of target needs it" },
  });
}

/** `callOff` ends the jobs that were not started where a hold is on now. */
export function holdsFeature(
  app: App,
  { db, bus }: Platform,
  callOff: () => Promise<unknown>,
): Feature & { readonly setHold: ReturnType<typeof holdsService>["set"] } {
  const holds = holdsService(holdsRepository(db), db.sql, {
    callOff,
    tell({ kind }, stationIds) {
      // A unit or a batch may be at any station.
      tellSetupChanged(bus, stationIds.length === 0 ? undefined : stationIds);
      if (kind === "host") tellLive(bus, { type: "hosts" });
    },
  });

  route(app, "holds", async ({ query }) => {
    const { state, kind, limit, after, ...fields } = query;
    const named = Object.values(fields).some((field) => field !== undefined);
    const target = named ? targetOf({ kind, ...fields }) : undefined;
    return { status: 200, body: await holds.list({ state, kind, target, limit, after }) };
  });
  route(app, "previewHold", async ({ query }) => ({
    status: 200,
    body: await holds.preview(targetOf(query)),
  }));
  route(app, "setHold", async ({ body, by, caller }) => {
    mustBeAllowed(HOLD_ACCESS[body.target.kind], caller);
    const { isNew, body: set } = await holds.set(body.target, body.reason, by);
    return { status: isNew ? 201 : 200, body: set };
  });
  route(app, "liftHold", async ({ body, by, caller }) => {
    mustBeAllowed(HOLD_ACCESS[body.target.kind], caller);
    return {
      status: 200,
      body: await holds.lift(body.target, body.reason, body.hold ?? null, by),
    };
  });
  return { handlers: {}, setHold: (target, reason, by) => holds.set(target, reason, by) };
}
