import { z } from "zod";
import { Id } from "../common.ts";
import { AttemptDetail, AttemptView, HostsView } from "../dashboard.ts";
import { HostRepairEffect, HostRepairRequest, HostVerdicts } from "../host-history.ts";
import { ListedSelection } from "../selection.ts";
import { AttemptSort } from "../sorts.ts";
import { YieldQuery, YieldView } from "../yield.ts";
import { byId, type Endpoint, installers, page, read } from "./endpoint.ts";

/** What the pages of engineers ask. */
export const INSIGHT_ENDPOINTS = {
  yield: {
    method: "GET",
    path: "/v1/yield",
    summary: "Yield of a plant's day or of another selection, with intervals",
    access: read,
    query: YieldQuery,
    answers: { 200: YieldView },
  },
  attempts: {
    method: "GET",
    path: "/v1/attempts",
    summary: "Latest attempts",
    access: read,
    /** Without `sort` in the order in which they were reported; of a stretch of time in the order in which they began. The latest first. */
    query: ListedSelection.extend({
      ...page.shape,
      sort: AttemptSort.optional(),
      /** Id of the row after which the list goes on. */
      after: Id.optional(),
    }),
    answers: { 200: z.array(AttemptView) },
  },
  attemptsList: {
    method: "GET",
    path: "/v1/attempts.csv",
    summary: "The attempts of a selection that were reported, all of them, as CSV",
    access: read,
    query: ListedSelection,
    answers: { 200: null },
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
