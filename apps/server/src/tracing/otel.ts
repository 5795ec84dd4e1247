import { AsyncLocalStorage } from "node:async_hooks";
import {
  type Context,
  SpanKind as Kind,
  ROOT_CONTEXT,
  type SpanContext,
  SpanStatusCode,
  TraceFlags,
  trace,
} from "@opentelemetry/api";
import { OTLPTraceExporter } from "@opentelemetry/exporter-trace-otlp-proto";
import { detectResources, envDetector, resourceFromAttributes } from "@opentelemetry/resources";
import {
  BasicTracerProvider,
  BatchSpanProcessor,
  type SpanExporter,
} from "@opentelemetry/sdk-trace-base";
import type { Logger } from "pino";
import { VERSION } from "../version.ts";
import type { SpanKind, Tracing } from "./tracing.ts";

/** A collector that is away does not hold up the end of a server for longer, milliseconds. */
const CLOSE_MS = 2_000;

const KINDS: Readonly<Record<SpanKind, Kind>> = {
  server: Kind.SERVER,
  client: Kind.CLIENT,
  consumer: Kind.CONSUMER,
  internal: Kind.INTERNAL,
};

const textOf = ({ traceId, spanId, traceFlags }: SpanContext): string =>
  `00-${traceId}-${spanId}-${traceFlags.toString(16).padStart(2, "0")}`;

function contextOf(traceparent: string): SpanContext | undefined {
  const [, traceId, spanId, flags] =
    /^00-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})$/.exec(traceparent) ?? [];
  if (traceId === undefined || spanId === undefined) return undefined;
  const traceFlags = Number.parseInt(flags ?? "0", 16) & TraceFlags.SAMPLED;
  return { traceId, spanId, traceFlags, isRemote: true };
}

/** The exporter, which tells once that the collector does not take spans, and once that it does again. */
function telling(exporter: SpanExporter, url: string, log: Logger): SpanExporter {
  let isAway = false;
  // The address may hold a password.
  const to = new URL(url).host;
  return {
    export(spans, done) {
      exporter.export(spans, (result) => {
        const failed = result.error !== undefined;
        if (failed && !isAway) {
          log.warn({ err: result.error, to }, "traces are not taken: they are dropped");
        }
        if (!failed && isAway) log.warn({ to }, "traces are taken again");
        isAway = failed;
        done(result);
      });
    },
    forceFlush: async () => await exporter.forceFlush?.(),
    shutdown: () => exporter.shutdown(),
  };
}

/**
 * Sends traces to an OpenTelemetry collector at `url`, by OTLP over HTTP. Sampling, batches, headers, time-outs, certificates and
 * resource attributes are those of OpenTelemetry's own variables. Spans wait in a bounded queue; those that do not fit are dropped.
 */
export function openTracing(url: string, service: string, log: Logger): Tracing {
  const resource = resourceFromAttributes({
    "service.name": service,
    "service.version": VERSION,
  }).merge(detectResources({ detectors: [envDetector] }));
  const provider = new BasicTracerProvider({
    resource,
    spanProcessors: [new BatchSpanProcessor(telling(new OTLPTraceExporter({ url }), url, log))],
  });
  const tracer = provider.getTracer("flashline-server", VERSION);
  const around = new AsyncLocalStorage<Context>();
  return {
    begin(name, kind, attributes = {}, { parent, links = [] } = {}) {
      const remote = parent === undefined ? undefined : contextOf(parent);
      const outer =
        remote === undefined
          ? (around.getStore() ?? ROOT_CONTEXT)
          : trace.setSpanContext(ROOT_CONTEXT, remote);
      const linked = links.flatMap((link) => contextOf(link) ?? []);
      const span = tracer.startSpan(
        name,
        { kind: KINDS[kind], attributes, links: linked.map((context) => ({ context })) },
        outer,
      );
      const inner = trace.setSpan(outer, span);
      return {
        traceparent: textOf(span.spanContext()),
        set: (more) => void span.setAttributes(more),
        within: (work) => around.run(inner, work),
        end(errorType) {
          if (errorType !== undefined) {
            span.setAttribute("error.type", errorType).setStatus({ code: SpanStatusCode.ERROR });
          }
          span.end();
        },
      };
    },
    current() {
      const span = trace.getSpan(around.getStore() ?? ROOT_CONTEXT);
      return span === undefined ? undefined : textOf(span.spanContext());
    },
    async close() {
      const late = new Promise<void>((done) => {
        setTimeout(done, CLOSE_MS).unref();
      });
      await Promise.race([provider.shutdown().catch(() => undefined), late]);
    },
  };
}
