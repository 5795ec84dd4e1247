import { formatPublicKey, publicKeyOf, type SecretKey, secretKeyOf } from "@flashline/signing";
import type { Vault } from "../storage/vault.ts";

/** By which this server signs grants: made from its own key, so that all replicas have it and neither the database nor a back-up of it alone. */
export const grantKey = (vault: Pick<Vault, "keyFor">): SecretKey =>
  secretKeyOf(vault.keyFor("flashline grants"));

/** Text of its public half, which stations keep from their enrollment on. */
export const grantKeyText = (vault: Pick<Vault, "keyFor">): string =>
  formatPublicKey(publicKeyOf(grantKey(vault)));
