import { hashSecret, newSecret, SecretKind } from "../auth/secrets.ts";
import { withClient } from "../chaos/postgres-process.ts";
import { newId } from "../ids.ts";

/** A new API token that may look at everything, straight into the database behind `url`. */
export async function readToken(url: string): Promise<string> {
  const secret = newSecret(SecretKind.ApiToken);
  await withClient(url, (client) =>
    client.query(
      "INSERT INTO api_token (id, name, token_hash, scopes) VALUES ($1, $2, $3, '{read,feed:read,stations:write,webhooks:write,people:write}')",
      [newId(), `bench-${newId()}`, hashSecret(secret)],
    ),
  );
  return secret;
}
