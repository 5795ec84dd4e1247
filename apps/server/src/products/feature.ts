import type { Feature } from "../feature.ts";
import { actorOf } from "../http/caller.ts";
import { route } from "../http/route.ts";
import type { App } from "../http/server.ts";
import type { Platform } from "../platform.ts";
import { productsRepository } from "./repository.ts";
import { productsService } from "./service.ts";

export function productsFeature(app: App, { db }: Platform): Feature {
  const products = productsService(productsRepository(db));
  route(app, "addProduct", async ({ body, caller }) => ({
    status: 201,
    body: await products.add(body, actorOf(caller)),
  }));
  route(app, "products", async () => ({ status: 200, body: await products.list() }));
  route(app, "addUnits", async ({ body, caller }) => ({
    status: 200,
    body: await products.addUnits(body, actorOf(caller)),
  }));
  return { handlers: {} };
}
