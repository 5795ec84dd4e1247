import { z } from "zod";
import {
  BadgeHolder,
  BadgeKeyView,
  BadgeRequest,
  BadgeView,
  EndBadgeRequest,
  PresentBadgeRequest,
  RotateBadgeKeyRequest,
  StationBadges,
} from "../badges.ts";
import { Id, Name, text } from "../common.ts";
import { ReasonRequest } from "../people.ts";
import { admins, byId, type Endpoint, leads, longPage, station } from "./endpoint.ts";

/** By what a person is known at a station. */
export const BADGE_ENDPOINTS = {
  badges: {
    method: "GET",
    path: "/v1/badges",
    summary: "Badges, the latest first; without `state` those that count",
    access: leads("people:write"),
    query: z.object({
      state: z.enum(["on", "ended", "all"]).default("on"),
      /** Name of a person. */
      person: text(80).optional(),
      limit: longPage.shape.limit,
      after: Id.optional(),
    }),
    answers: { 200: z.array(BadgeView) },
  },
  giveBadge: {
    method: "POST",
    path: "/v1/people/:id/badge",
    summary:
      "Give a person a badge in place of the one that they had; a lead gives operators theirs",
    access: leads("people:write"),
    params: z.object({ id: Name }),
    body: BadgeRequest,
    answers: { 200: BadgeView, 201: BadgeView },
  },
  endBadge: {
    method: "POST",
    path: "/v1/badges/:id/end",
    summary: "Say that a badge was lost or given back",
    access: leads("people:write"),
    params: byId,
    body: EndBadgeRequest,
    answers: { 200: BadgeView },
  },
  badgeKeys: {
    method: "GET",
    path: "/v1/badge-keys",
    summary: "Keys by which badges are known, the newest first; never the keys themselves",
    access: admins("people:write"),
    answers: { 200: z.array(BadgeKeyView) },
  },
  rotateBadgeKey: {
    method: "POST",
    path: "/v1/badge-keys",
    summary: "Know badges by a new key from now on; each one moves to it when it is shown",
    access: admins("people:write"),
    body: RotateBadgeKeyRequest,
    answers: { 200: z.array(BadgeKeyView), 201: z.array(BadgeKeyView) },
  },
  retireBadgeKey: {
    method: "POST",
    path: "/v1/badge-keys/:generation/retire",
    summary: "Let an older key count no more; badges that are still known by it end",
    access: admins("people:write"),
    params: z.object({ generation: z.coerce.number().int().min(1).max(1_000_000) }),
    body: ReasonRequest,
    answers: { 200: z.array(BadgeKeyView) },
  },
  stationBadges: {
    method: "GET",
    path: "/v1/agent/badges",
    summary:
      "Badges that count in the station's plant; with If-None-Match 304 where nothing changed",
    access: station,
    answers: { 200: StationBadges, 304: null },
  },
  presentBadge: {
    method: "POST",
    path: "/v1/agent/badges/present",
    summary: "Whose badge a station has read",
    access: station,
    body: PresentBadgeRequest,
    answers: { 200: BadgeHolder },
  },
} as const satisfies Record<string, Endpoint>;
