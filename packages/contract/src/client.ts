import type { z } from "zod";
import type { Endpoint } from "./endpoints/endpoint.ts";
import { ENDPOINTS, type EndpointName } from "./endpoints/index.ts";
import { ErrorBody } from "./error.ts";

type Table = typeof ENDPOINTS;
type Input<T> = T extends z.ZodType ? z.input<T> : never;
type Field<E, K extends string> = E extends Readonly<Record<K, infer T>> ? T : never;
type Answers<E> = E extends { readonly answers: infer A } ? A[keyof A] : never;
type AnswerOf<T> = T extends z.ZodType ? z.output<T> : T extends null ? null : never;

/** What a call of `N` takes: only the parts that the endpoint has. */
export type CallInput<N extends EndpointName> = ([Field<Table[N], "params">] extends [never]
  ? { readonly params?: undefined }
  : { readonly params: Input<Field<Table[N], "params">> }) &
  ([Field<Table[N], "query">] extends [never]
    ? { readonly query?: undefined }
    : { readonly query?: Input<Field<Table[N], "query">> }) &
  ([Field<Table[N], "body">] extends [never]
    ? { readonly body?: Uint8Array }
    : { readonly body: Input<Field<Table[N], "body">> | Uint8Array });

/** An answer that is no refusal: its HTTP status and the body, checked against the endpoint's schema. */
export interface CallAnswer<N extends EndpointName> {
  readonly status: number;
  readonly body: AnswerOf<Answers<Table[N]>>;
}

/** A refusal as the server worded it. `code` may be one that this version does not know. */
export class RefusedError extends Error {
  override readonly name = "RefusedError";
  readonly status: number;
  readonly refusal: ErrorBody;
  /** So long the server wants to be left alone, seconds; undefined where it does not say. */
  readonly retryAfterS: number | undefined;

  constructor(status: number, refusal: ErrorBody, retryAfterS?: number) {
    super(refusal.message);
    this.status = status;
    this.refusal = refusal;
    this.retryAfterS = retryAfterS;
  }
}

/** What a client needs of the platform's `fetch`. */
export interface FetchAnswer {
  readonly status: number;
  readonly headers?: { get(name: string): string | null };
  text(): Promise<string>;
}
/** The part of the platform's `fetch` that a client needs. `S` is its type of abort signal. */
export type Fetch<S> = (
  url: string,
  init: {
    method: string;
    headers: Record<string, string>;
    body?: string | Uint8Array<ArrayBuffer>;
    signal?: S;
  },
) => Promise<FetchAnswer>;

/** What a client of the server's API is made from. `headers` is asked anew for each request. */
export interface ClientOptions<S> {
  /** "http://server:8370"; empty in a page that the server itself serves. */
  readonly baseUrl: string;
  readonly fetch: Fetch<S>;
  readonly headers?: () => Record<string, string>;
}

const REFUSAL_WITHOUT_BODY = {
  code: "server.unavailable",
  blame: "system",
  action: "Wait. Results are safe.",
};

function pathOf(endpoint: Endpoint, params: unknown, query: unknown): string {
  const values = new Map(Object.entries((params ?? {}) as Record<string, unknown>));
  const path = endpoint.path.replace(/:(\w+)/g, (_, name: string) =>
    encodeURIComponent(String(values.get(name))),
  );
  const pairs = Object.entries((query ?? {}) as Record<string, unknown>)
    .filter(([, value]) => value !== undefined)
    .map(([name, value]) => `${encodeURIComponent(name)}=${encodeURIComponent(String(value))}`);
  return pairs.length === 0 ? path : `${path}?${pairs.join("&")}`;
}

function refusalOf(status: number, text: string): ErrorBody {
  try {
    const parsed = ErrorBody.safeParse(JSON.parse(text));
    if (parsed.success) return parsed.data;
  } catch {
    // A proxy's page, not an answer of the server.
  }
  return { ...REFUSAL_WITHOUT_BODY, message: `The server answered ${status} without a reason.` };
}

/** Of a date instead of seconds (RFC 9110, 10.2.3) nothing is taken: the clocks may differ. */
function retryAfterOf({ headers }: FetchAnswer): number | undefined {
  const text = headers?.get("retry-after") ?? "";
  return /^\d{1,9}$/.test(text) ? Number(text) : undefined;
}

/**
 * A typed caller for every endpoint of the table. Rejects with {@link RefusedError} when the server refuses, and with
 * fetch's own error when it cannot be reached. `headers` are of this request alone.
 */
export function createClient<S>(options: ClientOptions<S>) {
  return async function call<N extends EndpointName>(
    name: N,
    input: CallInput<N>,
    signal?: S,
    headers?: Readonly<Record<string, string>>,
  ): Promise<CallAnswer<N>> {
    const endpoint: Endpoint = ENDPOINTS[name];
    const { body } = input as { body?: unknown };
    const bytes = body instanceof Uint8Array ? new Uint8Array(body) : undefined;
    const type = endpoint.bodyKind === "bytes" ? "application/octet-stream" : "application/json";
    const answer = await options.fetch(
      `${options.baseUrl}${pathOf(endpoint, input.params, input.query)}`,
      {
        method: endpoint.method,
        headers: {
          ...(body === undefined ? {} : { "content-type": type }),
          ...options.headers?.(),
          ...headers,
        },
        ...(body === undefined ? {} : { body: bytes ?? JSON.stringify(body) }),
        ...(signal === undefined ? {} : { signal }),
      },
    );
    const text = await answer.text();
    const schema = endpoint.answers[answer.status];
    if (schema === undefined) {
      throw new RefusedError(answer.status, refusalOf(answer.status, text), retryAfterOf(answer));
    }
    const parsed = schema === null ? null : schema.parse(JSON.parse(text));
    return { status: answer.status, body: parsed as AnswerOf<Answers<Table[N]>> };
  };
}

/** `S` is the platform's AbortSignal. */
export type Client<S> = ReturnType<typeof createClient<S>>;
