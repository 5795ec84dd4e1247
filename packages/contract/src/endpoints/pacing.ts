import { z } from "zod";
import {
  HostPacing,
  HostProfileEffect,
  HostProfileQuery,
  HostProfileRequest,
  RestartTrialRequest,
  TrialView,
} from "../pacing.ts";
import { byId, type Endpoint, installers, read } from "./endpoint.ts";

/** With which profile hosts start, and what is tried there. */
export const PACING_ENDPOINTS = {
  pacingTrials: {
    method: "GET",
    path: "/v1/pacing",
    summary: "Trials of gentler pacing, the latest first",
    access: read,
    answers: { 200: z.array(TrialView) },
  },
  restartPacingTrial: {
    method: "POST",
    path: "/v1/pacing/:id/restart",
    summary: "Try gentler pacing again, from nothing",
    access: installers,
    params: byId,
    body: RestartTrialRequest,
    answers: { 200: TrialView },
  },
  hostPacing: {
    method: "GET",
    path: "/v1/hosts/:id/pacing",
    summary: "With which profile a host starts, and what is tried there",
    access: read,
    params: byId,
    answers: { 200: HostPacing },
  },
  previewHostProfile: {
    method: "GET",
    path: "/v1/hosts/:id/profile/preview",
    summary: "What setting a host's profile would do; changes nothing",
    access: read,
    params: byId,
    query: HostProfileQuery,
    answers: { 200: HostProfileEffect },
  },
  setHostProfile: {
    method: "PUT",
    path: "/v1/hosts/:id/profile",
    summary: "Say with which profile a host starts, or leave it to releases and trials",
    access: installers,
    params: byId,
    body: HostProfileRequest,
    answers: { 200: HostProfileEffect },
  },
} as const satisfies Record<string, Endpoint>;
