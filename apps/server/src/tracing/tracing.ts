import { FlashlineError } from "@flashline/contract";

/** What a span tells beside its name and times: nothing that a unit, a person or a secret is known by. */
export type Attributes = Readonly<Record<string, string | number | boolean>>;

export type SpanKind = "server" | "client" | "consumer" | "internal";

/** Something that is being done. It is told of when it has ended. */
export interface Span {
  /** For whoever goes on with it elsewhere, "00-<trace>-<span>-01". */
  readonly traceparent: string;
  set(attributes: Attributes): void;
  /** Runs `work`; spans that begin in it, or in what it leads to, are children of this one. */
  within<T>(work: () => T): T;
  /** `errorType` where it failed: see {@link errorTypeOf}. */
  end(errorType?: string): void;
}

/** Where a span comes from, when that is not the one around it. */
export interface SpanOrigin {
  readonly parent?: string | undefined;
  /** Others that it goes on with. */
  readonly links?: readonly string[];
}

/** Traces of requests, SQL and queues. A server without a collector makes no spans and loads no SDK. */
export interface Tracing {
  begin(name: string, kind: SpanKind, attributes?: Attributes, origin?: SpanOrigin): Span;
  /** The span around the caller. */
  current(): string | undefined;
  /** Sends what is left, for two seconds at most. */
  close(): Promise<void>;
}

/** A code, never a message: PostgreSQL's messages quote values. */
export function errorTypeOf(error: unknown): string {
  if (error instanceof FlashlineError) return error.code;
  if (!(error instanceof Error)) return "unknown";
  const isCode = "code" in error && typeof error.code === "string";
  return isCode ? String(error.code) : error.name;
}

/** Does `work` in a span, where there are traces. */
export async function traced<T>(
  tracing: Tracing | undefined,
  name: string,
  kind: SpanKind,
  work: () => Promise<T>,
  origin?: SpanOrigin & { readonly attributes?: Attributes },
): Promise<T> {
  if (tracing === undefined) return await work();
  const span = tracing.begin(name, kind, origin?.attributes, origin);
  try {
    const result = await span.within(work);
    span.end();
    return result;
  } catch (error) {
    span.end(errorTypeOf(error));
    throw error;
  }
}
