import { z } from "zod";
import { Name, text } from "../common.ts";
import { GrantRules } from "../grant-rules.ts";
import {
  EndGrantRequest,
  GrantAnswer,
  GrantRequest,
  GrantView,
  PlantGrantsRequest,
  ReturnGrantRequest,
} from "../grants.ts";
import { byId, type Endpoint, engineers, installers, longPage, read, station } from "./endpoint.ts";

/** What stations may flash while the server is away. */
export const GRANT_ENDPOINTS = {
  askGrant: {
    method: "PUT",
    path: "/v1/agent/grants/:id",
    summary: "Ask for a grant to flash while the server is away; the same id is answered the same",
    access: station,
    params: byId,
    body: GrantRequest,
    answers: { 200: GrantAnswer },
  },
  returnGrant: {
    method: "POST",
    path: "/v1/agent/grants/:id/return",
    summary:
      "Nothing is flashed under the grant any more, and the station sends no more results of it by itself",
    access: station,
    params: byId,
    body: ReturnGrantRequest,
    answers: { 204: null },
  },
  grants: {
    method: "GET",
    path: "/v1/grants",
    summary: "Grants, the latest first",
    access: read,
    query: longPage.extend({
      order: text(120).optional(),
      station: text(120).optional(),
      /** Only those that keep places. */
      open: z.stringbool().optional(),
    }),
    answers: { 200: z.array(GrantView) },
  },
  endGrant: {
    method: "POST",
    path: "/v1/grants/:id/end",
    summary: "End a grant whose station does not give it back: its places are free again",
    access: engineers,
    params: byId,
    body: EndGrantRequest,
    answers: { 200: GrantView },
  },
  setPlantGrants: {
    method: "PUT",
    path: "/v1/plants/:id/grants",
    summary:
      "Say for how long and for how many units a plant's stations may flash without the server",
    access: installers,
    params: z.object({ id: Name }),
    body: PlantGrantsRequest,
    answers: { 200: GrantRules },
  },
} as const satisfies Record<string, Endpoint>;
