import { AttemptResult } from "@flashline/contract";
import type { StartedAttempt } from "./result.repository.ts";

/** The fields of `told` that have the contract's form. */
function readableFields(told: unknown): Partial<AttemptResult> {
  if (typeof told !== "object" || told === null) return {};
  const fields = Object.entries(AttemptResult.shape).flatMap(([name, schema]) => {
    const value: unknown = Object.hasOwn(told, name) ? Reflect.get(told, name) : undefined;
    const parsed = schema.safeParse(value);
    return parsed.success && parsed.data !== undefined ? [[name, parsed.data] as const] : [];
  });
  return Object.fromEntries(fields);
}

/**
 * A result that breaks the contract's form, as far as it can be read; the rest is as the attempt was started, and FAIL where no
 * outcome can be read. It is evidence only: whoever stores it marks it.
 */
export function readUnreadable(
  told: unknown,
  started: StartedAttempt & { readonly attemptId: string },
): AttemptResult {
  const result: AttemptResult = {
    outcome: "FAIL",
    code: null,
    blame: null,
    touched: true,
    linkIncident: false,
    incidents: [],
    profile: "",
    startProfile: "",
    durationMs: 0,
    chip: "",
    chipMatch: "none",
    chipEvidence: [],
    usbSerial: "",
    startedAt: "",
    finishedAt: "",
    reportedAt: "",
    offline: false,
    agentVersion: "",
    ...started,
    ...readableFields(told),
  };
  if (result.outcome === "PASS") return result;
  return { ...result, code: result.code ?? "result.unreadable", blame: result.blame ?? "system" };
}
