import { z } from "zod";
import { text } from "../common.ts";
import { ImageUploaded, PublishRequest, ReleaseView, RevokeRequest } from "../release.ts";
import { byId, type Endpoint, firmware, longPage, promoters, releaseReaders } from "./endpoint.ts";

/** What a firmware team publishes. */
export const RELEASE_ENDPOINTS = {
  uploadImage: {
    method: "POST",
    path: "/v1/images",
    summary: "Upload an image; the same bytes again are no error",
    access: firmware,
    bodyKind: "bytes",
    answers: { 200: ImageUploaded, 201: ImageUploaded },
  },
  publish: {
    method: "POST",
    path: "/v1/releases",
    summary: "Publish a signed manifest as a draft; the release queue checks it",
    access: firmware,
    body: PublishRequest,
    answers: { 200: ReleaseView, 201: ReleaseView },
  },
  releases: {
    method: "GET",
    path: "/v1/releases",
    summary: "Releases, the latest first",
    access: releaseReaders,
    query: longPage.extend({ product: text(120).optional() }),
    answers: { 200: z.array(ReleaseView) },
  },
  release: {
    method: "GET",
    path: "/v1/releases/:id",
    summary: "One release",
    access: releaseReaders,
    params: byId,
    answers: { 200: ReleaseView },
  },
  promote: {
    method: "POST",
    path: "/v1/releases/:id/promote",
    summary: "draft → released, when its check passed",
    access: promoters,
    params: byId,
    answers: { 200: ReleaseView },
  },
  revoke: {
    method: "POST",
    path: "/v1/releases/:id/revoke",
    summary: "released → revoked; no new start with it",
    access: promoters,
    params: byId,
    body: RevokeRequest,
    answers: { 200: ReleaseView },
  },
} as const satisfies Record<string, Endpoint>;
