import { CanaryPauseRequest, CanaryRequest, CanaryResumeRequest } from "../canary.ts";
import { ReleaseView } from "../release.ts";
import { byId, type Endpoint, people, promoters } from "./endpoint.ts";

/** A release that few units get first. */
export const CANARY_ENDPOINTS = {
  startCanary: {
    method: "POST",
    path: "/v1/releases/:id/canary",
    summary:
      "draft → canary: named stations and a first number of units get it; the same again is no error",
    access: promoters,
    params: byId,
    body: CanaryRequest,
    answers: { 200: ReleaseView },
  },
  pauseCanary: {
    method: "POST",
    path: "/v1/releases/:id/canary/pause",
    summary: "canary → paused: the next units get its predecessor",
    access: people(["operator-lead", "firmware", "engineer", "admin"], "releases:promote"),
    params: byId,
    body: CanaryPauseRequest,
    answers: { 200: ReleaseView },
  },
  resumeCanary: {
    method: "POST",
    path: "/v1/releases/:id/canary/resume",
    summary: "paused → canary, judged anew; also changes stations and units of one that goes on",
    access: promoters,
    params: byId,
    body: CanaryResumeRequest,
    answers: { 200: ReleaseView },
  },
} as const satisfies Record<string, Endpoint>;
