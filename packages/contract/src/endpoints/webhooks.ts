import { z } from "zod";
import {
  DeadLetter,
  LettersRequest,
  WebhookChange,
  WebhookRequest,
  WebhookSecret,
  WebhookTested,
  WebhookView,
} from "../webhooks.ts";
import { byId, type Endpoint, longPage, people } from "./endpoint.ts";

/** Everything that happens goes to where they say. */
const admins = people(["admin"], "webhooks:write");

/** Endpoints elsewhere that get events of the ledger. */
export const WEBHOOK_ENDPOINTS = {
  webhooks: {
    method: "GET",
    path: "/v1/webhooks",
    summary: "Webhooks, and how far each of them is",
    access: admins,
    answers: { 200: z.array(WebhookView) },
  },
  addWebhook: {
    method: "POST",
    path: "/v1/webhooks",
    summary: "Send events to an endpoint; the secret that signs them is in this answer only",
    access: admins,
    body: WebhookRequest,
    answers: { 201: WebhookSecret },
  },
  changeWebhook: {
    method: "POST",
    path: "/v1/webhooks/:id",
    summary: "Change a webhook's address or kinds, or switch it",
    access: admins,
    params: byId,
    body: WebhookChange,
    answers: { 200: WebhookView },
  },
  removeWebhook: {
    method: "DELETE",
    path: "/v1/webhooks/:id",
    summary: "Remove a webhook with its dead letters",
    access: admins,
    params: byId,
    answers: { 200: WebhookView },
  },
  rotateWebhookSecret: {
    method: "POST",
    path: "/v1/webhooks/:id/rotate",
    summary: "Give a webhook another secret; for some hours messages are signed with both",
    access: admins,
    params: byId,
    body: z.object({
      /** How long the old secret goes on, hours. */
      overlapHours: z.number().min(0).max(168).default(24),
    }),
    answers: { 200: WebhookSecret },
  },
  testWebhook: {
    method: "POST",
    path: "/v1/webhooks/:id/test",
    summary: "Call the endpoint once with a message of type webhook.test",
    access: admins,
    params: byId,
    answers: { 200: WebhookTested },
  },
  deadLetters: {
    method: "GET",
    path: "/v1/webhooks/:id/letters",
    summary: "Messages that the endpoint did not take, the oldest first",
    access: admins,
    params: byId,
    query: z.object({
      limit: longPage.shape.limit,
      /** Position after which the list goes on. */
      after: z.coerce.number().int().min(0).max(Number.MAX_SAFE_INTEGER).default(0),
    }),
    answers: { 200: z.array(DeadLetter) },
  },
  replayWebhook: {
    method: "POST",
    path: "/v1/webhooks/:id/replay",
    summary: "Send dead letters once more, or remove them",
    access: admins,
    params: byId,
    body: LettersRequest,
    answers: { 200: z.object({ letters: z.number().int() }) },
  },
} as const satisfies Record<string, Endpoint>;
