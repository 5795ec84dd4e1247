import type { Feature } from "../feature.ts";
import { route } from "../http/route.ts";
import type { App } from "../http/server.ts";
import type { Platform } from "../platform.ts";
import { productsRepository } from "../products/repository.ts";
import { type SettledUnit, valuesRepository } from "./repository.ts";
import { valuesService } from "./service.ts";

/** How often secrets are looked for whose time is over; none is used after it, whenever that is. */
const FORGET_EVERY_MS = 60_000;

export function valuesFeature(
  app: App,
  { db, vault }: Platform,
  settledUnit: SettledUnit,
): Feature {
  const repository = valuesRepository(db, settledUnit);
  const values = valuesService(repository, productsRepository(db), vault);
  route(app, "giveValues", async ({ body, by }) => ({
    status: 200,
    body: await values.give(body, by),
  }));
  route(app, "addRange", async ({ body, by }) => ({
    status: 201,
    body: await values.addRange(body, by),
  }));
  route(app, "ranges", async ({ query }) => ({
    status: 200,
    body: await values.ranges(query.product),
  }));
  return {
    handlers: {},
    tasks: [{ name: "unit-secrets", everyMs: FORGET_EVERY_MS, run: () => values.forgetSecrets() }],
  };
}
