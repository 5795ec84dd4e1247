import type { PostAnswer, Poster } from "./post.ts";
import { signedHeaders } from "./sign.ts";

/** Sends a message to a webhook, signed with every secret of it that counts now. Rejects only where the database does not answer. */
export type Send = (
  webhook: { readonly id: string; readonly url: string },
  messageId: string,
  body: Buffer,
  gone: AbortSignal,
) => Promise<PostAnswer>;

/** `secretsOf` opens the secrets of a webhook. */
export const sender =
  (
    { post }: Pick<Poster, "post">,
    secretsOf: (webhookId: string) => Promise<readonly string[]>,
  ): Send =>
  async ({ id, url }, messageId, body, gone) => {
    const secrets = await secretsOf(id);
    if (secrets.length === 0) {
      const error = "this server's key does not open its secret: give it another one (rotate)";
      return { status: null, error, retryAfterS: null, ms: 0 };
    }
    const headers = signedHeaders(secrets, messageId, Math.floor(Date.now() / 1_000), body);
    return await post(url, headers, body, gone);
  };
