import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { JOB_TRANSITIONS, JobEvent, JobState, nextJobState, OPEN_JOB_STATES } from "./states.ts";

const FINAL = [JobState.Passed, JobState.Failed, JobState.Cancelled, JobState.Superseded];
const anyEvent = fc.constantFrom(...Object.values(JobEvent));
const anyState = fc.constantFrom(...Object.values(JobState));

describe("job transitions", () => {
  it("never leave a final state", () => {
    fc.assert(
      fc.property(fc.constantFrom(...FINAL), anyEvent, (state, event) => {
        expect(nextJobState(state, event)).toBeUndefined();
      }),
    );
  });

  it("never bring a job that was started back to the queue: the unit is still in its nest", () => {
    fc.assert(
      fc.property(fc.array(anyEvent, { maxLength: 12 }), (events) => {
        let state: JobState = JobState.Running;
        for (const event of events) state = nextJobState(state, event) ?? state;
        expect([JobState.Queued, JobState.Offered, JobState.Leased]).not.toContain(state);
      }),
    );
  });

  it("reach every state from QUEUED", () => {
    const seen = new Set<JobState>([JobState.Queued]);
    for (const state of seen) {
      for (const to of Object.values(JOB_TRANSITIONS[state])) seen.add(to);
    }
    expect([...seen].sort()).toEqual(Object.values(JobState).sort());
  });

  it("call a job open exactly while it keeps its nest", () => {
    fc.assert(
      fc.property(anyState, (state) => {
        const open = (OPEN_JOB_STATES as readonly JobState[]).includes(state);
        const settled =
          FINAL.includes(state as (typeof FINAL)[number]) || state === JobState.Unknown;
        expect(open).toBe(!settled);
      }),
    );
  });
});
