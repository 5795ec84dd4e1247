import { Overridden, OverrideRequest } from "../overrides.ts";
import { type Endpoint, station } from "./endpoint.ts";

/** What a badge at a station decides beside who works there. */
export const OVERRIDE_ENDPOINTS = {
  overrideRefusal: {
    method: "POST",
    path: "/v1/agent/overrides",
    summary: "Let a refused unit be tried once, by the badge of somebody who may decide that",
    access: station,
    body: OverrideRequest,
    answers: { 200: Overridden, 201: Overridden },
  },
} as const satisfies Record<string, Endpoint>;
