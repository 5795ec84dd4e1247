import { AttemptSelection } from "../selection.ts";
import { ContainmentView, UnitDossier } from "../trace.ts";
import { byId, type Endpoint, read } from "./endpoint.ts";

/** What became of units: one by one, and all that something bad may have reached. */
export const TRACE_ENDPOINTS = {
  containment: {
    method: "GET",
    path: "/v1/containment",
    summary: "Units that a selection of attempts touched, counted",
    access: read,
    query: AttemptSelection,
    answers: { 200: ContainmentView },
  },
  containmentList: {
    method: "GET",
    path: "/v1/containment.csv",
    summary: "The same units one by one, as CSV",
    access: read,
    query: AttemptSelection,
    answers: { 200: null },
  },
  dossier: {
    method: "GET",
    path: "/v1/units/:id/dossier",
    summary: "Everything about a unit",
    access: read,
    params: byId,
    answers: { 200: UnitDossier },
  },
  dossierPdf: {
    method: "GET",
    path: "/v1/units/:id/dossier.pdf",
    summary: "Everything about a unit as a PDF to file, with the JSON attached to it",
    access: read,
    params: byId,
    answers: { 200: null },
  },
} as const satisfies Record<string, Endpoint>;
