import { FlashlineError } from "@flashline/contract";
import type { Feature } from "../feature.ts";
import { route } from "../http/route.ts";
import type { App } from "../http/server.ts";
import type { Platform } from "../platform.ts";
import { productNamed } from "./repository.ts";
import { serialLists } from "./service.ts";

export function unitsFeature(app: App, { db }: Platform): Feature {
  const lists = serialLists(db);
  route(app, "addSerialList", async ({ body, by }) => {
    const product = await productNamed(db.sql, body.product);
    if (product === undefined) {
      throw new FlashlineError("request.invalid", `There is no product ${body.product}.`, {
        parameters: { product: body.product },
      });
    }
    return { status: 200, body: await lists.add(product, body, by) };
  });
  return { handlers: {} };
}
