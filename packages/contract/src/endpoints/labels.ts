import {
  LabelPreview,
  LabelPreviewRequest,
  LabelReport,
  LabelReported,
  LabelRequest,
  LabelView,
} from "../labels.ts";
import { byId, type Endpoint, engineers, read, station } from "./endpoint.ts";

/** The labels of units that passed. */
export const LABEL_ENDPOINTS = {
  label: {
    method: "GET",
    path: "/v1/products/:id/label",
    summary: "The label of a product's units, and what it may show",
    access: read,
    params: byId,
    answers: { 200: LabelView },
  },
  setLabel: {
    method: "PUT",
    path: "/v1/products/:id/label",
    summary: "Say which label a product's units get, and whether it is scanned back",
    access: engineers,
    params: byId,
    body: LabelRequest,
    answers: { 200: LabelView },
  },
  previewLabel: {
    method: "POST",
    path: "/v1/products/:id/label/preview",
    summary: "What would be printed for a serial; changes nothing",
    access: read,
    params: byId,
    body: LabelPreviewRequest,
    answers: { 200: LabelPreview },
  },
  reportLabel: {
    method: "PUT",
    path: "/v1/agent/attempts/:id/label",
    summary: "What became of an attempt's label until now; safe to repeat",
    access: station,
    params: byId,
    body: LabelReport,
    answers: { 200: LabelReported },
  },
} as const satisfies Record<string, Endpoint>;
