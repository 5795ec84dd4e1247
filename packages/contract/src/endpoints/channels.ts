import { z } from "zod";
import { ChannelRequest, ChannelView, MoveChannelRequest } from "../channels.ts";
import { text } from "../common.ts";
import { byId, type Endpoint, engineers, promoters, releaseReaders } from "./endpoint.ts";

/** Named lines of a product's releases, which orders follow. */
export const CHANNEL_ENDPOINTS = {
  channels: {
    method: "GET",
    path: "/v1/channels",
    summary: "Channels with the release in each and the orders that follow it",
    access: releaseReaders,
    query: z.object({ product: text(120).optional() }),
    answers: { 200: z.array(ChannelView) },
  },
  addChannel: {
    method: "POST",
    path: "/v1/channels",
    summary: "Add a channel to a product; the same again is no error",
    access: engineers,
    body: ChannelRequest,
    answers: { 200: ChannelView, 201: ChannelView },
  },
  moveChannel: {
    method: "POST",
    path: "/v1/channels/:id/move",
    summary: "Move a channel to a released release; its open orders get it from their next unit on",
    access: promoters,
    params: byId,
    body: MoveChannelRequest,
    answers: { 200: ChannelView },
  },
  removeChannel: {
    method: "DELETE",
    path: "/v1/channels/:id",
    summary: "Remove a channel that no open order follows",
    access: engineers,
    params: byId,
    query: z.object({ reason: text(500).optional() }),
    answers: { 204: null },
  },
} as const satisfies Record<string, Endpoint>;
