import { createHash } from "node:crypto";
import { fingerprint, LINK_FAILURE, resultOf } from "../../jobs/testing.ts";
import { ENDS, type End } from "../plant/ends.ts";
import { jobOf, move, tell } from "../plant/rules.ts";
import type { Attempt, State } from "../plant/state.ts";
import type { World } from "../plant/world.ts";
import { answered, nestName, pick, type Step, stationOf, toBoth } from "./step.ts";

const HOUR_MS = 3_600_000;
const digestOf = (bytes: string): string => createHash("sha256").update(bytes).digest("hex");

/** What a station's journal holds of an attempt; its clock is so many hours wrong. */
function bytesOf(world: World, s: State, attempt: Attempt, end: End, clockHours: number): string {
  const job = jobOf(s, attempt.job);
  const release = world.releases[job.release];
  if (release === undefined) throw new RangeError(`the world has no release ${job.release}`);
  const { manifest, signature, version, imageSha256 } = release;
  const images = [{ name: "app.bin", sha256: imageSha256, size: 8192, address: 0x0800_0000 }];
  const host = fingerprint(stationOf(world, job.station), nestName(job.nest));
  const leased = {
    jobId: job.id,
    epoch: attempt.epoch,
    dirty: job.dirty,
    images,
    manifest,
    signature,
    version,
  };
  const { doubtful, ...told } = { doubtful: "", ...ENDS[end] };
  const clock = (agoMs: number) =>
    new Date(Date.now() + clockHours * HOUR_MS - agoMs).toISOString();
  const result = resultOf(
    { job: leased, attemptId: attempt.id, host },
    {
      ...(told.blame === "host" ? LINK_FAILURE : {}),
      ...told,
      startedAt: clock(1300),
      finishedAt: clock(60),
      reportedAt: clock(50),
      ...(doubtful === "image" ? { imageSha256: ["0".repeat(64)] } : {}),
      ...(doubtful === "form" ? { durationMs: "long" } : {}),
    },
  );
  return JSON.stringify(result);
}

/** Keeps a result that came in first; the answer's words. */
function store(s: State, id: string, digest: string, end: End): string {
  const attempt = s.attempts.find((one) => one.id === id);
  if (attempt === undefined) return "result.attempt_unknown";
  const job = jobOf(s, attempt.job);
  if (attempt.body === digest) return `200 ${job.state}`;
  if (attempt.body !== null) {
    if (!attempt.refused.includes(digest)) {
      attempt.refused.push(digest);
      tell(s, "result.refused", id);
    }
    return "result.conflict";
  }
  const { doubtful, ...told } = { doubtful: "", ...ENDS[end] };
  const isDoubtful = doubtful !== "";
  Object.assign(attempt, told, { body: digest, contradicted: isDoubtful });
  const event = (() => {
    if (isDoubtful) {
      return told.outcome === "FAIL" && doubtful !== "form" ? "result-fail" : "lease-lost";
    }
    if (told.outcome === "PASS") return "result-pass";
    return !told.touched && job.state === "RUNNING" ? "cancel" : "result-fail";
  })();
  const settles = attempt.epoch === job.epoch && move(job, event);
  if (settles) job.code = told.code;
  attempt.late = !settles || isDoubtful;
  if (told.code !== "attempt.cancelled" && !isDoubtful) {
    const before = s.attempts.find((one) => one.first && jobOf(s, one.job).unit === job.unit);
    attempt.first = before === undefined || before.acceptedAt > attempt.acceptedAt;
    if (attempt.first && before !== undefined) before.first = false;
  }
  const kind = isDoubtful ? "contradicted" : "late";
  tell(s, attempt.late ? `result.${kind}` : "attempt.finished", id);
  return `${attempt.late ? 202 : 201} ${job.state}`;
}

/**
 * A station sends a result from its journal: the same bytes each time, as it must; or, if `other`, other ones. The journal is the world's:
 * what was sent once stays the attempt's result.
 */
export function report(
  which: number,
  end: End,
  options: {
    readonly how: "new" | "again" | "other";
    readonly twice: boolean;
    readonly clockHours: number;
  },
): Step {
  const { how, twice, clockHours } = options;
  const told = `${how === "new" ? "" : `, ${how}`}${twice ? ", twice" : ""}`;
  return {
    name: `result of attempt ${which}: ${end}${told}, clock ${clockHours} h`,
    plan(s, world) {
      const untold = s.attempts.filter(({ body }) => body === null);
      const attempt = pick(how === "new" ? untold : s.attempts, which);
      if (attempt === undefined) return null;
      const { id } = attempt;
      const kept = world.journal.get(id);
      const sent =
        kept === undefined || how === "other"
          ? { end, bytes: bytesOf(world, s, attempt, end, clockHours) }
          : kept;
      if (kept === undefined) world.journal.set(id, sent);
      const digest = digestOf(sent.bytes);
      const { station } = jobOf(s, attempt.job);
      return {
        about: `${id}, ${sent.end}`,
        twice,
        model: (now) => store(now, id, digest, sent.end),
        real(at, replica) {
          const ask = (one: number) =>
            answered(
              at.station(station, one)("result", {
                params: { id },
                body: Buffer.from(sent.bytes),
              }),
              ({ status, body }) => `${status} ${body.jobState}`,
            );
          return twice ? toBoth(ask) : ask(replica);
        },
      };
    },
  };
}
