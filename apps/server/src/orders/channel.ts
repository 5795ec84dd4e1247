import { FlashlineError } from "@flashline/contract";
import { z } from "zod";
import type { Sql } from "../db/sql.ts";
import { statement } from "../db/statement.ts";

const FOLLOWED = statement(
  ["product", "name"],
  z.object({ channelId: z.string(), releaseId: z.string().nullable() }),
  `
SELECT c.id AS "channelId", c.release_id AS "releaseId" FROM channel c
 WHERE c.product_id = (SELECT id FROM product WHERE name = :product) AND c.name = :name FOR SHARE`,
);
/** The channel that an order is about to follow. It is not moved, nor does its release leave it, before the end of the transaction. */
export const followChannel = (sql: Sql, product: string, name: string) =>
  sql.row(FOLLOWED, { product, name });

/** A channel that an order is about to follow, held until the end of the transaction, with the release in it. Throws `channel.empty` and `request.invalid`. */
export async function filledChannel(
  tx: Sql,
  product: string,
  name: string,
): Promise<{ readonly channelId: string; readonly releaseId: string }> {
  const found = await followChannel(tx, product, name);
  if (found === undefined) {
    throw new FlashlineError("request.invalid", `${product} has no channel ${name}.`, {
      parameters: { product, channel: name },
    });
  }
  const { channelId, releaseId } = found;
  if (releaseId !== null) return { channelId, releaseId };
  throw new FlashlineError("channel.empty", `Channel ${name} of ${product} is empty.`, {
    parameters: { product, channel: name },
  });
}
