import { z } from "zod";
import { Id, Name, text } from "./common.ts";

const Reason = text(500).trim().min(3);

/** What a channel is called: a lower-case letter, then letters, digits and "-"; at most 40 characters. */
export const ChannelName = z.string().regex(/^[a-z][a-z0-9-]{0,39}$/, {
  error: 'expected a name such as "stable": lower-case letters, digits and "-", at most 40',
});

/** A new channel of a product. It is empty until a release is moved into it. */
export const ChannelRequest = z.object({ product: Name, name: ChannelName, reason: Reason });
/** The channel's orders get another released release of the product, from their next unit on. */
export const MoveChannelRequest = z.object({ version: text(60), reason: Reason });

/** A named line of a product's releases, which orders follow. */
export const ChannelView = z.object({
  id: Id,
  product: z.string(),
  name: z.string(),
  /** The release that is in it; null: none was moved into it, or it was revoked. */
  version: z.string().nullable(),
  releaseId: Id.nullable(),
  /** Of the last move, or of the channel itself where there was none. */
  reason: z.string(),
  movedBy: z.string().nullable(),
  movedAt: z.string().nullable(),
  createdBy: z.string(),
  createdAt: z.string(),
  /** Numbers of the open orders that follow it. */
  orders: z.array(z.string()),
});
export type ChannelView = z.infer<typeof ChannelView>;
