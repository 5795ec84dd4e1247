import type { Feature } from "../feature.ts";
import { route } from "../http/route.ts";
import type { App } from "../http/server.ts";
import type { Platform } from "../platform.ts";
import { tellSetupChanged } from "../stations/topics.ts";
import { ordersRepository } from "./repository.ts";
import { ordersService } from "./service.ts";

export function ordersFeature(app: App, { db, bus }: Platform): Feature {
  const orders = ordersService(ordersRepository(db));
  route(app, "addWorkOrder", async ({ body, by }) => {
    const order = await orders.add(body, by);
    tellSetupChanged(bus);
    return { status: 201, body: order };
  });
  route(app, "workOrders", async ({ query }) => ({
    status: 200,
    body: await orders.list(query.limit, query.after),
  }));
  route(app, "closeWorkOrder", async ({ params, by }) => {
    const order = await orders.close(params.id, by);
    tellSetupChanged(bus);
    return { status: 200, body: order };
  });
  return { handlers: {} };
}
