import type { LeasedJob } from "@flashline/contract";
import { newId } from "../../ids.ts";
import { fingerprint } from "../../jobs/testing.ts";
import {
  heldKinds,
  isOpen,
  jobOf,
  move,
  releaseCode,
  scanned,
  startCode,
  tell,
} from "../plant/rules.ts";
import type { Belief, Job, Nest, State } from "../plant/state.ts";
import type { World } from "../plant/world.ts";
import { answered, nestName, type Plan, pick, type Step, stationOf, toBoth } from "./step.ts";

const nestOf = (s: State, station: number, nest: number): Nest => {
  const found = s.stations[station]?.nests[nest];
  if (found === undefined) throw new RangeError(`the model has no nest ${station}/${nest}`);
  return found;
};

export const preflight = (station: number, nest: number, unit: number): Step => ({
  name: `preflight of unit ${unit} at ${station}/${nest}`,
  plan: () => ({
    model(s) {
      const found = scanned(s, station, nest, unit);
      if ("code" in found) return found.code;
      const release = s.orders[found.order]?.release ?? 0;
      return `go order ${found.order} 1.${release}.0${found.dirty ? " dirty" : ""}`;
    },
    real: (world, replica) => {
      const body = { serial: world.serials[unit] ?? "", nest: nestName(nest) };
      return answered(world.station(station, replica)("preflight", { body }), ({ body: said }) => {
        if (!said.go) return said.code;
        const order = world.orders.findIndex(({ number }) => number === said.workOrder);
        return `go order ${order} ${said.version}${said.dirty ? " dirty" : ""}`;
      });
    },
  }),
});

export const scan = (station: number, nest: number, unit: number, twice: boolean): Step => ({
  name: `scan of unit ${unit} at ${station}/${nest}${twice ? " twice" : ""}`,
  plan() {
    const id = newId();
    return {
      twice,
      model(s) {
        if (s.jobs.some((job) => job.id === id)) return "200";
        const found = scanned(s, station, nest, unit);
        if ("code" in found) return found.code;
        for (const job of s.jobs.filter((one) => one.unit === unit && move(one, "supersede"))) {
          tell(s, "job.superseded", job.id);
        }
        const one = s.units[unit];
        if (one !== undefined) one.known = true;
        const { order, dirty } = found;
        const release = s.orders[order]?.release ?? 0;
        s.jobs.push({
          id,
          unit,
          station,
          nest,
          order,
          release,
          dirty,
          state: "QUEUED",
          epoch: 0,
          isOverdue: false,
          code: null,
          createdAt: Date.now(),
        });
        return "201";
      },
      real(world, replica) {
        const body = { jobId: id, serial: world.serials[unit] ?? "", nest: nestName(nest) };
        const ask = (at: number) =>
          answered(world.station(station, at)("createJob", { body }), ({ status }) => `${status}`);
        return twice ? toBoth(ask) : ask(replica);
      },
    };
  },
});

/** The job that a fetch gets: what the station has fetched and not started, else what waits longest. */
const fetched = (s: State, station: number, nests: readonly number[]) =>
  s.jobs
    .filter((job) => job.station === station && nests.includes(job.nest))
    .filter(isFetchable)
    .filter((job) => heldKinds(s, job, job.unit).length === 0)
    .toSorted(
      (a, b) =>
        Number(b.state === "LEASED") - Number(a.state === "LEASED") ||
        a.createdAt - b.createdAt ||
        (a.id < b.id ? -1 : 1),
    )
    .at(0);

const told = (world: World, job: LeasedJob): string =>
  `${job.jobId} epoch ${job.epoch} nest ${job.nest} unit ${world.serials.indexOf(job.serial)} ${job.version}${job.dirty ? " dirty" : ""}`;

/** A station asks for work: one that has some, where `offered` says which job's, or any. */
export const fetch = (any: number, nests: readonly number[], offered: number | null): Step => ({
  name: `fetch at ${offered === null ? any : `the station of offer ${offered}`} for ${nests.join(" and ")}`,
  plan: (now) => fetchAt(stationOfOffer(now, offered) ?? any, nests),
});

const stationOfOffer = (s: State, offered: number | null): number | undefined =>
  offered === null ? undefined : pick(s.jobs.filter(isFetchable), offered)?.station;

const isFetchable = ({ state }: Job): boolean => state === "OFFERED" || state === "LEASED";

function fetchAt(station: number, nests: readonly number[]): Plan {
  return {
    about: `at ${station}`,
    model(s) {
      const job = fetched(s, station, nests);
      if (job === undefined) return "nothing";
      if (move(job, "acquire")) job.epoch += 1;
      job.isOverdue = false;
      nestOf(s, station, job.nest).belief = { job: job.id, epoch: job.epoch };
      return `${job.id} epoch ${job.epoch} nest ${nestName(job.nest)} unit ${job.unit} 1.${job.release}.0${job.dirty ? " dirty" : ""}`;
    },
    real(world, replica) {
      const body = { freeNests: nests.map(nestName), waitMs: 0 };
      return answered(world.station(station, replica)("acquire", { body }), ({ body: job }) =>
        job === null ? "nothing" : told(world, job),
      );
    },
  };
}

/** A job that some station believes to hold. */
interface Held extends Belief {
  readonly station: number;
  readonly nest: number;
}
const heldOf = (s: State): readonly Held[] =>
  s.stations.flatMap(({ nests }, station) =>
    nests.flatMap(({ belief }, nest) => (belief === null ? [] : [{ ...belief, station, nest }])),
  );

/** Starts what a station believes to hold. `again`: with the attempt that it began before, where there is one. */
export const start = (which: number, again: boolean, twice: boolean): Step => ({
  name: `start of job ${which} in hand${again ? " again" : ""}${twice ? " twice" : ""}`,
  plan(s) {
    const held = heldOf(s);
    const waiting = held.filter(({ job }) => jobOf(s, job).state === "LEASED");
    const belief = pick(waiting.length === 0 || again ? held : waiting, which);
    if (belief === undefined) return null;
    const { job: jobId, epoch, station, nest } = belief;
    const begun = s.attempts.find((one) => one.job === jobId && one.epoch === epoch);
    const id = again && begun !== undefined ? begun.id : newId();
    return {
      about: `at ${station}/${nest}, attempt ${id}`,
      twice,
      model(now) {
        const job = jobOf(now, jobId);
        if (job.epoch !== epoch) return "job.epoch";
        const other = now.attempts.find((one) => one.job === jobId && one.epoch === epoch);
        if (job.state === "LEASED") {
          const code = startCode(now, job);
          if (code !== null) return code;
          move(job, "start");
          now.attempts.push({
            id,
            job: jobId,
            epoch,
            acceptedAt: Date.now(),
            body: null,
            refused: [],
            outcome: null,
            code: null,
            blame: null,
            touched: null,
            late: false,
            contradicted: false,
            first: false,
          });
          nestOf(now, station, nest).hostShown = true;
          tell(now, "attempt.started", id);
          return "ok";
        }
        if (other?.id === id) return job.state === "RUNNING" ? "ok" : "job.state";
        return other === undefined ? "job.state" : "job.attempt_other";
      },
      real(world, replica) {
        const host = fingerprint(stationOf(world, station), nestName(nest));
        const body = { epoch, attemptId: id, host, virtual: false };
        const params = { id: jobId };
        const ask = (at: number) => answered(world.station(station, at)("start", { params, body }));
        return twice ? toBoth(ask) : ask(replica);
      },
    };
  },
});

export const renew = (which: number): Step => ({
  name: `renewal of job ${which} in hand`,
  plan(s) {
    const belief = pick(heldOf(s), which);
    if (belief === undefined) return null;
    const { station, nest } = belief;
    return {
      about: `at ${station}/${nest}`,
      model(now) {
        const job = jobOf(now, belief.job);
        if (job.epoch !== belief.epoch) return "job.epoch";
        if (job.state !== "LEASED" && job.state !== "RUNNING") return "job.state";
        job.isOverdue = false;
        return releaseCode(now, job.release) === null ? "go on" : "cancel";
      },
      real(world, replica) {
        const call = world.station(station, replica);
        const body = { epoch: belief.epoch };
        return answered(call("renew", { params: { id: belief.job }, body }), ({ body: said }) =>
          said.cancel ? "cancel" : "go on",
        );
      },
    };
  },
});

export const giveUp = (which: number): Step => ({
  name: `job ${which} in hand is given up`,
  plan(s) {
    const belief = pick(heldOf(s), which);
    if (belief === undefined) return null;
    const { station, nest } = belief;
    const code = "attempt.cancelled";
    return {
      about: `at ${station}/${nest}`,
      model(now) {
        const job = jobOf(now, belief.job);
        if (job.epoch !== belief.epoch) return "job.epoch";
        if (job.state === "CANCELLED") return "ok";
        if (!move(job, "cancel")) return "job.state";
        job.code = code;
        for (const one of now.attempts) {
          if (one.job !== job.id || one.epoch !== job.epoch || one.body !== null) continue;
          one.touched = false;
          one.code = code;
        }
        tell(now, "job.cancelled", job.id);
        return "ok";
      },
      real(world, replica) {
        const call = world.station(station, replica);
        const body = { epoch: belief.epoch, code, message: "by the model" };
        return answered(call("cancelJob", { params: { id: belief.job }, body }));
      },
    };
  },
});

/** What its agent knew of leases is gone; its journal is not. */
export const crash = (station: number): Step => ({
  name: `station ${station} crashes`,
  plan: () => ({
    model(s) {
      for (const nest of s.stations[station]?.nests ?? []) nest.belief = null;
      return "ok";
    },
    real: () => Promise.resolve("ok"),
  }),
});

export const heartbeat = (station: number): Step => ({
  name: `a sign of life of station ${station}`,
  plan: () => ({
    model(s) {
      const one = s.stations[station];
      if (one !== undefined) one.alive = true;
      return "ok";
    },
    real: (world, replica) =>
      answered(
        world.station(station, replica)("status", { body: { queuedResults: 0, nests: [] } }),
      ),
  }),
});

/** Nobody heard of a station for as long as a lease, or an offer, lasts. */
export const expire = (which: number): Step => ({
  name: `the time of open job ${which} runs out`,
  plan(s) {
    const id = pick(s.jobs.filter(isOpen), which)?.id;
    if (id === undefined) return null;
    return {
      about: id,
      ahead: {
        model(now) {
          jobOf(now, id).isOverdue = true;
        },
        async real(world) {
          await world.replicas.server.platform.db.sql.execute(
            "UPDATE job SET deadline = now() - interval '1 s' WHERE id = $1 AND deadline IS NOT NULL",
            [id],
          );
        },
      },
      model(now) {
        const job = jobOf(now, id);
        if (!job.isOverdue) return "ok";
        job.isOverdue = false;
        if (move(job, "offer-expired") || move(job, "lease-expired")) return "ok";
        if (move(job, "lease-lost")) tell(now, "job.unknown", id);
        return "ok";
      },
      async real(world) {
        await world.sweep();
        return "ok";
      },
    };
  },
});

/** The second replica ends and another one takes its place. */
export const restart = (): Step => ({
  name: "a replica is started anew",
  plan: () => ({
    model: () => "ok",
    async real(world) {
      await world.replicas.restart();
      return "ok";
    },
  }),
});
