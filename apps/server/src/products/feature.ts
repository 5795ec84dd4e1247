import type { Feature } from "../feature.ts";
import { route } from "../http/route.ts";
import type { App } from "../http/server.ts";
import type { Platform } from "../platform.ts";
import { serialLists } from "../units/service.ts";
import { productsRepository } from "./repository.ts";
import { productsService } from "./service.ts";

export function productsFeature(app: App, { db }: Platform): Feature {
  const products = productsService(productsRepository(db), serialLists(db));
  route(app, "addProduct", async ({ body, by }) => ({
    status: 201,
    body: await products.add(body, by),
  }));
  route(app, "products", async () => ({ status: 200, body: await products.list() }));
  route(app, "setRetestLimit", async ({ params, body, by }) => ({
    status: 200,
    body: await products.setRetestLimit(params.id, body, by),
  }));
  route(app, "addUnits", async ({ body, by }) => ({
    status: 200,
    body: await products.addUnits(body, by),
  }));
  return { handlers: {} };
}
