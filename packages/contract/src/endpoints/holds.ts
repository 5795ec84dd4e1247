import { z } from "zod";
import { Id, Name } from "../common.ts";
import { PlantGuard, PlantGuardRequest } from "../guard.ts";
import {
  HOLD_KINDS,
  HoldEffect,
  HoldRequest,
  HoldSet,
  HoldTargetQuery,
  HoldView,
  LiftRequest,
} from "../holds.ts";
import { type Endpoint, installers, leads, longPage, read } from "./endpoint.ts";

/** What stands still, and why. Each kind of hold says more narrowly who sets it: HOLD_ACCESS. */
export const HOLD_ENDPOINTS = {
  plantGuard: {
    method: "GET",
    path: "/v1/plants/:id/guard",
    summary: "Whether the server quarantines hosts of a plant by itself, and how far it has gone",
    access: read,
    params: z.object({ id: Name }),
    answers: { 200: PlantGuard },
  },
  setPlantGuard: {
    method: "PUT",
    path: "/v1/plants/:id/guard",
    summary: "Let the server quarantine hosts of a plant by itself, or not",
    access: installers,
    params: z.object({ id: Name }),
    body: PlantGuardRequest,
    answers: { 200: PlantGuard },
  },
  holds: {
    method: "GET",
    path: "/v1/holds",
    summary: "Holds, the latest first; without `state` those that are on",
    access: read,
    query: HoldTargetQuery.extend({
      state: z.enum(["on", "lifted", "all"]).default("on"),
      /** With the fields of a target: holds on this one only. */
      kind: z.enum(HOLD_KINDS).optional(),
      limit: longPage.shape.limit,
      after: Id.optional(),
    }),
    answers: { 200: z.array(HoldView) },
  },
  previewHold: {
    method: "GET",
    path: "/v1/holds/preview",
    summary: "What a hold would do, or lifting it would undo; changes nothing",
    access: read,
    query: HoldTargetQuery,
    answers: { 200: HoldEffect },
  },
  setHold: {
    method: "POST",
    path: "/v1/holds",
    summary: "Stop a host, nest, station, line, unit or batch; the same again is no error",
    access: leads("stations:write", "orders:write"),
    body: HoldRequest,
    answers: { 200: HoldSet, 201: HoldSet },
  },
  liftHold: {
    method: "POST",
    path: "/v1/holds/lift",
    summary: "End the hold on a target; the same again is no error",
    access: leads("stations:write", "orders:write"),
    body: LiftRequest,
    answers: { 200: HoldView },
  },
} as const satisfies Record<string, Endpoint>;
