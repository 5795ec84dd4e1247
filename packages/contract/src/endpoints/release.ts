import { z } from "zod";
import { text } from "../common.ts";
import {
  ImageUploaded,
  PromoteQuery,
  PublishRequest,
  ReleaseView,
  RevokeRequest,
  WithdrawRequest,
} from "../release.ts";
import { DryRunQuery, ReleaseDryRun, ReleaseRadius } from "../release-reach.ts";
import { ReleaseSort } from "../sorts.ts";
import {
  byId,
  type Endpoint,
  firmware,
  longPage,
  promoters,
  releaseReaders,
  uploaders,
} from "./endpoint.ts";

/** What a firmware team publishes. */
export const RELEASE_ENDPOINTS = {
  uploadImage: {
    method: "POST",
    path: "/v1/images",
    summary: "Upload an image; the same bytes again are no error",
    access: uploaders,
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
    query: longPage.extend({ product: text(120).optional(), sort: ReleaseSort.optional() }),
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
  releaseDryRun: {
    method: "GET",
    path: "/v1/releases/:id/dry-run",
    summary:
      "Which orders, stations and units a release would reach, promoted or as a canary; changes nothing",
    access: releaseReaders,
    params: byId,
    query: DryRunQuery,
    answers: { 200: ReleaseDryRun },
  },
  releaseRadius: {
    method: "GET",
    path: "/v1/releases/:id/radius",
    summary: "What a revocation would hit; changes nothing",
    access: releaseReaders,
    params: byId,
    answers: { 200: ReleaseRadius },
  },
  withdrawRelease: {
    method: "POST",
    path: "/v1/releases/:id/withdraw",
    summary: "Removes a draft; its version and counter are free again",
    access: firmware,
    params: byId,
    body: WithdrawRequest,
    answers: { 204: null },
  },
  promote: {
    method: "POST",
    path: "/v1/releases/:id/promote",
    summary:
      "draft or canary → released, when its check passed; open orders follow where that is asked",
    access: promoters,
    params: byId,
    query: PromoteQuery,
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
