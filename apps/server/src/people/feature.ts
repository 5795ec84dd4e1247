import { FlashlineError } from "@flashline/contract";
import { authRepository } from "../auth/repository.ts";
import type { Database } from "../db/database.ts";
import type { Feature } from "../feature.ts";
import { route } from "../http/route.ts";
import type { App } from "../http/server.ts";
import { type Limit, triesOn } from "../limits/tries.ts";
import { plantsRepository } from "../plants/repository.ts";
import type { Platform } from "../platform.ts";
import { tellSetupChanged } from "../stations/topics.ts";
import { tokensRepository } from "../tokens/repository.ts";
import { peopleChanges } from "./changes.ts";
import { peopleRepository } from "./repository.ts";
import { peopleService } from "./service.ts";
import { sessionsRepository } from "./sessions.ts";

/** Who has a person's session open may still not guess their password. */
const OWN_PASSWORD: Limit = { most: 10, inMs: 5 * 60_000 };

/** People on a database: for the routes, and for the command line. `issuer`: of the identity provider that is configured. */
export const peopleOn = (db: Database, issuer?: string) =>
  peopleService({
    issuer,
    changes: peopleChanges(db),
    repository: peopleRepository(db),
    tokens: tokensRepository(db),
    plantOf: plantsRepository(db).plant,
    async passwordOf(name) {
      return (await authRepository(db).person(name))?.passwordHash ?? null;
    },
  });

/** Who may log in, and who is logged in. */
export function peopleFeature(app: App, { config, db, bus }: Platform): Feature {
  const people = peopleOn(db, config.provider?.issuer.href);
  const repository = peopleRepository(db);
  const sessions = sessionsRepository(db);
  const tries = triesOn(db.sql);
  /** Stations know people by their badges, and ask for them again. */
  async function told<T>(change: Promise<T>): Promise<T> {
    const done = await change;
    tellSetupChanged(bus);
    return done;
  }

  route(app, "people", async ({ query }) => ({ status: 200, body: await people.list(query) }));
  route(app, "person", async ({ params, caller }) => {
    const current = caller.kind === "person" ? caller.sessionId : undefined;
    return { status: 200, body: await people.show(params.id, current) };
  });
  route(app, "addPerson", async ({ body, by }) => {
    const { isNew, person } = await people.add(body, by);
    return { status: isNew ? 201 : 200, body: person };
  });
  route(app, "setPersonRole", async ({ params: { id }, body: { role, reason }, by }) => ({
    status: 200,
    body: await told(people.setRole(id, role, reason, by)),
  }));
  route(app, "setPersonPlant", async ({ params: { id }, body: { plant, reason }, by }) => ({
    status: 200,
    body: await told(people.setPlant(id, plant, reason, by)),
  }));
  route(app, "renamePerson", async ({ params: { id }, body: { name, reason }, by }) => ({
    status: 200,
    body: await told(people.rename(id, name, reason, by)),
  }));
  route(app, "setPassword", async ({ params: { id }, body: { password, reason }, by }) => ({
    status: 200,
    body: await people.setPassword(id, password, reason, by),
  }));
  route(app, "linkPerson", async ({ params: { id }, body: { subject, reason }, by }) => ({
    status: 200,
    body: await people.link(id, subject, reason, by),
  }));
  route(app, "unlinkPerson", async ({ params, body, by }) => ({
    status: 200,
    body: await people.unlink(params.id, body.reason, by),
  }));
  route(app, "disablePerson", async ({ params, body, by }) => ({
    status: 200,
    body: await told(people.disable(params.id, body.reason, by)),
  }));
  route(app, "enablePerson", async ({ params, body, by }) => ({
    status: 200,
    body: await told(people.enable(params.id, body.reason, by)),
  }));

  route(app, "sessions", async ({ query, caller }) => {
    const current = caller.kind === "person" ? caller.sessionId : undefined;
    return { status: 200, body: await repository.sessions(query, current) };
  });
  route(app, "endSession", async ({ params, body, by }) => {
    const ended = await sessions.end(params.id, null, body.reason, by);
    return { status: 200, body: { sessions: ended, tokens: 0 } };
  });
  route(app, "endPersonSessions", async ({ params, body, by }) => {
    const person = await people.show(params.id);
    const ended = await sessions.endAll(person, body.reason, by);
    return { status: 200, body: { sessions: ended, tokens: 0 } };
  });

  route(app, "ownSessions", async ({ caller }) => {
    if (caller.kind !== "person") throw new FlashlineError("auth.forbidden");
    const { id: personId, sessionId } = caller;
    const body = await repository.sessions({ personId, limit: 500 }, sessionId);
    return { status: 200, body };
  });
  route(app, "endOwnSession", async ({ caller, params, by }) => {
    if (caller.kind !== "person") throw new FlashlineError("auth.forbidden");
    await sessions.end(params.id, caller.id, undefined, by);
    return { status: 204, body: null };
  });
  route(app, "changeOwnPassword", async ({ caller, body, by }) => {
    if (caller.kind !== "person") throw new FlashlineError("auth.forbidden");
    await tries.take(`own password ${caller.id}`, OWN_PASSWORD);
    await people.changeOwnPassword(caller, body.current, body.password, by);
    await tries.forget(`own password ${caller.id}`);
    return { status: 204, body: null };
  });
  return { handlers: {} };
}
