import { type Readable, Stream } from "node:stream";
import {
  type Access,
  ENDPOINTS,
  type Endpoint,
  type EndpointName,
  ErrorBody,
  FlashlineError,
} from "@flashline/contract";
import type { FastifyReply, FastifyRequest, RouteShorthandOptions } from "fastify";
import { z } from "zod";
import type { Origin } from "../ledger/origin.ts";
import { addressOf } from "../limits/address.ts";
import { type Caller, type CallerOf, callerKey, mustBeAllowed } from "./caller.ts";
import { originOf } from "./origin.ts";
import type { App } from "./server.ts";

type Table = typeof ENDPOINTS;
type Parsed<E, K extends string> = E extends { readonly [P in K]: infer T }
  ? T extends z.ZodType
    ? z.output<T>
    : undefined
  : undefined;
type AnswersOf<N extends EndpointName> = Table[N]["answers"];
type BodyOf<T> = T extends z.ZodType ? z.output<T> : null;

/** One of the endpoint's answers, with its status. An answer without a body may be a stream of bytes instead. */
export type RouteAnswer<N extends EndpointName> = {
  [S in keyof AnswersOf<N>]: {
    readonly status: S;
    readonly body: BodyOf<AnswersOf<N>[S]>;
    readonly headers?: Readonly<Record<string, string>>;
    readonly stream?: Readable;
  };
}[keyof AnswersOf<N>];

export interface RouteContext<N extends EndpointName> {
  readonly params: Parsed<Table[N], "params">;
  readonly query: Parsed<Table[N], "query">;
  /** For endpoints that take bytes: undefined; read {@link RouteContext.bytes}. */
  readonly body: Parsed<Table[N], "body">;
  /** The exact bytes of a JSON body; empty where there was none. */
  readonly rawBody: Buffer;
  /** The body of an endpoint that takes bytes, unread. Its length is not limited here. */
  readonly bytes: Readable | undefined;
  readonly caller: CallerOf<N>;
  /** Who asks and from where: for the events that the handler records. */
  readonly by: Origin;
  readonly request: FastifyRequest;
  readonly reply: FastifyReply;
  /** Aborted when the client went away before it was answered. */
  readonly signal: AbortSignal;
}

export interface RouteExtras<N extends EndpointName, A> {
  /** The endpoint takes as long as it takes: it waits for something, or bytes come in and go out. */
  readonly patient?: boolean;
  /**
   * Answers a request whose body does not have the contract's form instead of refusing it. `told` is its JSON; undefined where it
   * is none.
   */
  readonly onUnreadable?: (context: Omit<RouteContext<N>, "body">, told: unknown) => Promise<A> | A;
}

/**
 * Registers endpoint `name` of the contract: its method, path, checks of parameters, query and body, who may call, what it
 * answers, and its place in the OpenAPI document all come from the table. Refuse by throwing a FlashlineError.
 */
export function route<N extends EndpointName, const A extends RouteAnswer<N>>(
  app: App,
  name: N,
  handler: (context: RouteContext<N>) => Promise<A> | A,
  extras: RouteExtras<N, A> = {},
): void {
  const endpoint: Endpoint = ENDPOINTS[name];
  const { patient = false, onUnreadable } = extras;
  const work = (request: FastifyRequest, reply: FastifyReply): Promise<A> | A => {
    const { validationError, body } = request;
    if (validationError === undefined) return handler(contextOf(name, request, reply));
    if (onUnreadable === undefined || validationError.validationContext !== "body") {
      throw validationError;
    }
    return onUnreadable(contextOf(name, request, reply), body);
  };
  app.route({
    method: endpoint.method,
    url: endpoint.path,
    schema: schemaOf(name, endpoint),
    // Counted by caller, in `admit`.
    config: { rateLimit: false, takesUnreadable: onUnreadable !== undefined },
    attachValidation: onUnreadable !== undefined,
    // What a browser may do with an answer is told to browsers, and stations on the same network wait for theirs.
    ...(endpoint.access.kind === "station" ? ({ helmet: false, compress: false } as const) : {}),
    // Before the body is read: who may not call sends nothing that is kept, parsed or counted.
    async onRequest(request) {
      request.caller = await admit(app, endpoint.access, request);
    },
    async handler(request, reply) {
      const answer: { status: PropertyKey; body: unknown; headers?: object; stream?: Readable } =
        await (patient || endpoint.bodyKind === "bytes"
          ? work(request, reply)
          : inTime(reply, work(request, reply)));
      reply.code(Number(answer.status)).headers({ ...answer.headers });
      if (answer.stream !== undefined) return reply.send(answer.stream);
      return answer.body === null ? reply.send() : reply.send(answer.body);
    },
  });
}

/**
 * No answer takes longer, milliseconds since the request came in: a caller can ask again, but not know how long to wait. What was
 * begun is not undone, as when an answer is lost on its way.
 */
const LONGEST_MS = 10_000;

function inTime<T>(reply: FastifyReply, work: Promise<T> | T): Promise<T> {
  return new Promise((resolve, reject) => {
    const late = () => {
      const message = "The server did not get to an answer in time.";
      reject(new FlashlineError("server.unavailable", message));
    };
    const timer = setTimeout(late, Math.max(0, LONGEST_MS - reply.elapsedTime));
    Promise.resolve(work)
      .then(resolve, reject)
      .finally(() => clearTimeout(timer));
  });
}

/**
 * Who sent the request. Callers that proved who they are have their share of requests each, however many sit behind one address;
 * everybody else is counted by address. Rejects with `auth.*` and `request.rate_limited`.
 */
export async function admit(
  app: App,
  access: Access,
  request: FastifyRequest,
): Promise<Caller | null> {
  const nobody = () => app.callers.take(`address ${addressOf(request)}`);
  if (access.kind === "public") {
    nobody();
    return null;
  }
  const caller = await app.identify(request).catch((error: unknown) => {
    nobody();
    throw error;
  });
  if (caller === null) nobody();
  else app.callers.take(callerKey(caller));
  mustBeAllowed(access, caller);
  return caller;
}

function contextOf<N extends EndpointName>(
  name: N,
  request: FastifyRequest,
  reply: FastifyReply,
): RouteContext<N> {
  // What the validators of this very endpoint made of the request, and the caller whom `mayCall` let in.
  return {
    params: request.params,
    query: request.query,
    body: request.body instanceof Stream ? undefined : request.body,
    rawBody: request.rawBody ?? Buffer.alloc(0),
    bytes: request.body instanceof Stream ? request.body : undefined,
    caller: request.caller,
    get by() {
      return originOf(name, request);
    },
    request,
    reply,
    // Made only for who asks: most requests are answered before anybody could go away.
    get signal() {
      return goneSignal(reply);
    },
  } as RouteContext<N>;
}

function goneSignal({ raw }: FastifyReply): AbortSignal {
  const gone = new AbortController();
  if (raw.destroyed) gone.abort();
  raw.once("close", () => {
    if (!raw.writableFinished) gone.abort();
  });
  return gone.signal;
}

const SECURITY: Readonly<Record<Access["kind"], readonly Record<string, readonly string[]>[]>> = {
  public: [],
  station: [{ station: [] }],
  people: [{ token: [] }, { session: [] }],
};

/** A parameter that is misspelt would else be left out in silence, and the answer would be to another question. */
function onlyKnown(query: z.ZodType | undefined): z.ZodType {
  if (query === undefined) return z.strictObject({});
  // A loose one says itself that it takes others.
  const isLoose = !(query instanceof z.ZodObject) || query.def.catchall !== undefined;
  return isLoose ? query : query.strict();
}

function schemaOf(name: string, endpoint: Endpoint): NonNullable<RouteShorthandOptions["schema"]> {
  const answers = Object.entries(endpoint.answers).flatMap(([status, schema]) =>
    schema === null ? [] : [[status, schema] as const],
  );
  return {
    operationId: name,
    summary: endpoint.summary,
    tags: [endpoint.path.startsWith("/v1/agent/") ? "agent" : "people"],
    security: SECURITY[endpoint.access.kind],
    ...(endpoint.params === undefined ? {} : { params: endpoint.params }),
    querystring: onlyKnown(endpoint.query),
    ...(endpoint.body === undefined ? {} : { body: endpoint.body }),
    response: { ...Object.fromEntries(answers), default: ErrorBody },
  };
}
