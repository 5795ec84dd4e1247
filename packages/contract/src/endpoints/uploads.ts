import { PartQuery, UploadQuery, UploadView } from "../uploads.ts";
import { bySha, type Endpoint, uploaders } from "./endpoint.ts";

/** Images in parts: an upload that was cut goes on where it stands. */
export const UPLOAD_ENDPOINTS = {
  upload: {
    method: "GET",
    path: "/v1/images/:sha256/upload",
    summary: "How many bytes of an image are here",
    access: uploaders,
    params: bySha,
    query: UploadQuery,
    answers: { 200: UploadView },
  },
  uploadPart: {
    method: "POST",
    path: "/v1/images/:sha256/upload",
    summary: "Send the next part of an image; with the last one it is checked and kept",
    access: uploaders,
    params: bySha,
    query: PartQuery,
    bodyKind: "bytes",
    answers: { 200: UploadView, 201: UploadView },
  },
  dropUpload: {
    method: "DELETE",
    path: "/v1/images/:sha256/upload",
    summary: "Forget an unfinished upload",
    access: uploaders,
    params: bySha,
    query: UploadQuery,
    answers: { 204: null },
  },
} as const satisfies Record<string, Endpoint>;
