import { z } from "zod";
import { Id, Name, text } from "../common.ts";
import {
  KeyRadius,
  KeyView,
  ReasonRequest,
  RetireKeyRequest,
  TokenAdded,
  TokenRequest,
  TokenView,
} from "../people.ts";
import { admins, type Endpoint, longPage, people } from "./endpoint.ts";

const byKey = z.object({ keyId: text(40, 1) });

/** What programs come in with, and whose releases are accepted. */
export const CREDENTIAL_ENDPOINTS = {
  tokens: {
    method: "GET",
    path: "/v1/tokens",
    summary: "API tokens, the latest first; without `state` those that are valid",
    access: admins("people:write"),
    query: z.object({
      state: z.enum(["valid", "all"]).default("valid"),
      limit: longPage.shape.limit,
      after: Id.optional(),
    }),
    answers: { 200: z.array(TokenView) },
  },
  addToken: {
    method: "POST",
    path: "/v1/tokens",
    summary: "Make an API token; a token gives no scope that it does not have",
    access: admins("people:write"),
    body: TokenRequest,
    answers: { 201: TokenAdded },
  },
  revokeToken: {
    method: "POST",
    path: "/v1/tokens/:id/revoke",
    summary: "Revoke an API token by its id, or all of a name",
    access: admins("people:write"),
    params: z.object({ id: Name }),
    body: ReasonRequest,
    answers: { 200: z.array(TokenView) },
  },
  keys: {
    method: "GET",
    path: "/v1/keys",
    summary: "Release keys, revoked ones too, the latest first",
    access: people(["firmware", "engineer", "admin"], "read", "keys:write"),
    answers: { 200: z.array(KeyView) },
  },
  addKey: {
    method: "POST",
    path: "/v1/keys",
    summary: "Trust a release key",
    access: admins("keys:write"),
    body: z.object({ name: text(120, 1), publicKey: text(400) }),
    answers: { 201: z.object({ keyId: z.string() }) },
  },
  keyRadius: {
    method: "GET",
    path: "/v1/keys/:keyId/radius",
    summary: "Which releases and orders the revocation of a key would stop; changes nothing",
    access: people(["firmware", "engineer", "admin"], "read", "keys:write"),
    params: byKey,
    answers: { 200: KeyRadius },
  },
  retireKey: {
    method: "POST",
    path: "/v1/keys/:keyId/retire",
    summary: "Take no new releases of a key from a time on; what it released stays good",
    access: admins("keys:write"),
    params: byKey,
    body: RetireKeyRequest,
    answers: { 200: KeyView },
  },
  revokeKey: {
    method: "POST",
    path: "/v1/keys/:keyId/revoke",
    summary: "Revoke a key that is in wrong hands, with every release that carries its signature",
    access: admins("keys:write"),
    params: byKey,
    body: ReasonRequest,
    answers: { 200: KeyRadius },
  },
} as const satisfies Record<string, Endpoint>;
