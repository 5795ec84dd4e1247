import type { FastifyInstance, FastifyRequest } from "fastify";
import type { CallerLimit } from "../limits/callers.ts";
import type { Caller } from "./caller.ts";

/** The Fastify instance that features register their routes on. */
export type App = FastifyInstance;

/** Finds out who sent a request. Null: it carries no credential. Rejects when the credential is wrong or revoked. */
export type Identify = (request: FastifyRequest) => Promise<Caller | null>;

declare module "fastify" {
  interface FastifyRequest {
    /** Exact bytes of a JSON body. */
    rawBody: Buffer | null;
    caller: Caller | null;
  }
  interface FastifyContextConfig {
    /** The route answers bodies that are no JSON of its form. */
    takesUnreadable?: boolean;
  }
  interface FastifyInstance {
    identify: Identify;
    callers: CallerLimit;
  }
}
