import type { Feature } from "../feature.ts";
import { route } from "../http/route.ts";
import type { App } from "../http/server.ts";
import type { Platform } from "../platform.ts";
import { tellSetupChanged } from "../stations/topics.ts";
import { orderChanges } from "./change.service.ts";
import { ordersRepository } from "./repository.ts";
import { ordersService } from "./service.ts";

export function ordersFeature(app: App, { db, bus }: Platform): Feature {
  const orders = ordersService(ordersRepository(db));
  const changes = orderChanges(db);
  /** The order as it is after its change; its stations are told. */
  async function changed(change: Promise<string>) {
    const id = await change;
    tellSetupChanged(bus);
    return { status: 200, body: await orders.detail(id) } as const;
  }
  route(app, "addWorkOrder", async ({ body, by }) => {
    const order = await orders.add(body, by);
    tellSetupChanged(bus);
    return { status: 201, body: order };
  });
  route(app, "workOrders", async ({ query }) => ({
    status: 200,
    body: await orders.list(query),
  }));
  route(app, "workOrder", async ({ params }) => ({
    status: 200,
    body: await orders.detail(params.id),
  }));
  route(app, "closeWorkOrder", async ({ params, by }) => {
    const order = await orders.close(params.id, by);
    tellSetupChanged(bus);
    return { status: 200, body: order };
  });
  route(app, "reopenWorkOrder", ({ params, body, by }) =>
    changed(changes.reopen(params.id, body, by)),
  );
  route(app, "setOrderStations", ({ params, body, by }) =>
    changed(changes.setStations(params.id, body, by)),
  );
  route(app, "removeOrderStation", ({ params, query, by }) =>
    changed(changes.removeStation(params.id, params.station, query.reason, by)),
  );
  route(app, "setOrderQuantity", ({ params, body, by }) =>
    changed(changes.setQuantity(params.id, body, by)),
  );
  route(app, "setOrderRelease", ({ params, body, by }) =>
    changed(changes.setRelease(params.id, body, by)),
  );
  return { handlers: {} };
}
