import type { AttemptDetail, UnitDossier } from "@flashline/contract";
import { expect, test } from "vitest";
import { actsOf, asFlashed } from "./story.ts";

const attempt = (jobId: string, hour: number, change: Partial<AttemptDetail>) =>
  ({
    id: `attempt of ${jobId}`,
    jobId,
    outcome: "PASS",
    contradictions: [],
    startedAt: `2026-11-20T${String(hour).padStart(2, "0")}:00:00Z`,
    ...change,
  }) as AttemptDetail;
const job = (id: string, state: string) => ({
  id,
  state,
  station: "L3-05",
  nest: "1",
  createdAt: "",
});
const dossier = (attempts: AttemptDetail[], jobs: ReturnType<typeof job>[] = []) =>
  ({ attempts, unit: { jobs } }) as unknown as UnitDossier;

test("a unit holds what its latest attempt read back, if nothing was erased since", () => {
  const passed = attempt("a", 8, {});
  expect(asFlashed(dossier([passed]))).toEqual({ kind: "proven", attempt: passed });
  const refused = attempt("b", 9, { outcome: "FAIL" });
  const jobs = [job("b", "CANCELLED")];
  expect(asFlashed(dossier([refused, passed], jobs))).toEqual({ kind: "proven", attempt: passed });
  expect(asFlashed(dossier([refused], jobs))).toEqual({ kind: "nothing" });
  expect(asFlashed(dossier([]))).toEqual({ kind: "nothing" });
});

test("nothing is proven after a failure, an attempt without a result, or a result that contradicts its job", () => {
  const passed = attempt("a", 8, {});
  for (const change of [
    { outcome: "FAIL" },
    { outcome: null },
    { contradictions: ["manifest"] },
  ] as const) {
    const later = attempt("b", 9, change as Partial<AttemptDetail>);
    expect(asFlashed(dossier([passed, later], [job("b", "FAILED")]))).toEqual({
      kind: "not-known",
      attempt: later,
    });
  }
});

test("a hold is told when it was set and when it was lifted, each with its reason", () => {
  const hold = {
    id: "h",
    kind: "batch",
    name: "",
    origin: "person",
    reason: "solder voids",
    setBy: "dana",
    setAt: "1",
    liftedBy: "erika",
    liftedAt: "2",
    liftReason: "X-rayed",
  };
  const acts = actsOf({ unit: {}, holds: [hold] } as unknown as UnitDossier);
  expect(acts.map(({ at, what, by, reason }) => [at, what, by, reason])).toEqual([
    ["1", "Its batch was put on hold", "dana", "solder voids"],
    ["2", "Its batch was released", "erika", "X-rayed"],
  ]);
});
