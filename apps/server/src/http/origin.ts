import type { EndpointName } from "@flashline/contract";
import type { FastifyRequest } from "fastify";
import type { Origin, Who } from "../ledger/origin.ts";
import type { Caller } from "./caller.ts";

function whoOf(caller: Caller | null): Who {
  switch (caller?.kind) {
    case "person":
      return { kind: "person", name: caller.name };
    case "token":
      return { kind: "token", id: caller.tokenId, name: caller.name };
    case "station":
      return { kind: "station", id: caller.stationId, name: caller.name };
    case undefined:
      return { kind: "nobody" };
  }
}

function doorOf(caller: Caller | null, request: FastifyRequest): Origin["door"] {
  if (request.url.startsWith("/v1/agent/")) return "agent";
  const isPage = caller?.kind === "person" || request.headers.origin !== undefined;
  return isPage ? "pages" : "api";
}

/** Who sent a request, and from where, for the events that it causes. */
export function originOf(operation: EndpointName, request: FastifyRequest): Origin {
  const { caller } = request;
  return {
    who: whoOf(caller),
    address: request.ip,
    door: doorOf(caller, request),
    operation,
    plantId: caller?.kind === "station" ? caller.plantId : null,
  };
}
