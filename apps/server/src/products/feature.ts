import type { Feature } from "../feature.ts";
import { route } from "../http/route.ts";
import type { App } from "../http/server.ts";
import type { Platform } from "../platform.ts";
import { tellSetupChanged } from "../stations/topics.ts";
import { serialLists } from "../units/service.ts";
import { productsRepository } from "./repository.ts";
import { parts, productsService } from "./service.ts";

export function productsFeature(app: App, { db, bus }: Platform): Feature {
  const products = productsService(productsRepository(db), serialLists(db));
  route(app, "addProduct", async ({ body, by }) => ({
    status: 201,
    body: await products.add(body, by),
  }));
  route(app, "products", async () => ({ status: 200, body: await products.list() }));
  route(app, "changeProduct", async ({ params, body, by }) => {
    const changed = await products.change(params.id, body, by);
    // Stations tell labels by its pattern.
    tellSetupChanged(bus);
    return { status: 200, body: changed };
  });
  route(app, "parts", () => ({ status: 200, body: parts() }));
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
