import { Counter, collectDefaultMetrics, Histogram, Registry } from "prom-client";

/** What one process counts. A replica counts what it did itself, so sums over replicas are right. */
export interface Meters {
  readonly registry: Registry;
  /** `outcome` PASS or FAIL; `blame` empty for a PASS; doubtful: kept for review, and no unit passed by it. */
  readonly results: Counter<"station" | "outcome" | "blame" | "doubtful">;
  readonly requests: Histogram<"method" | "route" | "status">;
}

/** Seconds. A start waits for a handful of these, and no answer takes more than ten seconds. */
const BUCKETS = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10];

/** Gauges that prom-client names like counters, which Prometheus' own check refuses. Their parts by type are told all the same. */
const MISNAMED = [
  "nodejs_active_handles_total",
  "nodejs_active_requests_total",
  "nodejs_active_resources_total",
];

export function openMeters(): Meters {
  const registry = new Registry();
  collectDefaultMetrics({ register: registry });
  for (const name of MISNAMED) registry.removeSingleMetric(name);
  const registers = [registry];
  return {
    registry,
    results: new Counter({
      name: "flashline_results_total",
      help: "Results of attempts that this process stored.",
      labelNames: ["station", "outcome", "blame", "doubtful"],
      registers,
    }),
    requests: new Histogram({
      name: "flashline_http_request_duration_seconds",
      help: "From a request's arrival to the end of its answer. Long polls wait for a job.",
      labelNames: ["method", "route", "status"],
      buckets: BUCKETS,
      registers,
    }),
  };
}
