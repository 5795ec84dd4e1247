import { z } from "zod";
import { Id, text } from "../common.ts";
import { AttemptDetail, AttemptView, HostsView, YieldView } from "../dashboard.ts";
import { HostRepairEffect, HostRepairRequest, HostVerdicts } from "../host-history.ts";
import { byId, type Endpoint, installers, page, read } from "./endpoint.ts";

/** What the pages of engineers ask. */
export const INSIGHT_ENDPOINTS = {
  yield: {
    method: "GET",
    path: "/v1/yield",
    summary: "Yield of a plant's day, with intervals",
    access: read,
    query: z.object({
      product: text(120).optional(),
      /** A plant's name; its own day. Without: the only plant's, or of several plants together the day of UTC. */
      plant: text(120).optional(),
    }),
    answers: { 200: YieldView },
  },
  attempts: {
    method: "GET",
    path: "/v1/attempts",
    summary: "Latest attempts",
    access: read,
    query: page.extend({
      outcome: z.enum(["PASS", "FAIL"]).optional(),
      station: text(120).optional(),
      host: Id.optional(),
      /** Id of the row after which the list goes on. */
      after: Id.optional(),
    }),
    answers: { 200: z.array(AttemptView) },
  },
  attempt: {
    method: "GET",
    path: "/v1/attempts/:id",
    summary: "One attempt with its evidence",
    access: read,
    params: byId,
    /** "all": every incident, however many there are. */
    query: z.object({ incidents: z.literal("all").optional() }),
    answers: { 200: AttemptDetail },
  },
  transcript: {
    method: "GET",
    path: "/v1/attempts/:id/transcript",
    summary: "A failed attempt's transcript, as a pcapng file",
    access: read,
    params: byId,
    answers: { 200: null },
  },
  hosts: {
    method: "GET",
    path: "/v1/hosts",
    summary: "Hosts with their verdict and evidence",
    access: read,
    answers: { 200: HostsView },
  },
  hostVerdicts: {
    method: "GET",
    path: "/v1/hosts/:id/verdicts",
    summary: "What was decided about a host, by whom and why; its running evidence",
    access: read,
    params: byId,
    answers: { 200: HostVerdicts },
  },
  previewHostRepair: {
    method: "GET",
    path: "/v1/hosts/:id/repairs/preview",
    summary: "What recording a repair of a host would do; changes nothing",
    access: read,
    params: byId,
    answers: { 200: HostRepairEffect },
  },
  repairHost: {
    method: "POST",
    path: "/v1/hosts/:id/repairs",
    summary: "Record a repair or a swap at a host: its evidence begins anew",
    access: installers,
    params: byId,
    body: HostRepairRequest,
    answers: { 201: HostRepairEffect },
  },
} as const satisfies Record<string, Endpoint>;
