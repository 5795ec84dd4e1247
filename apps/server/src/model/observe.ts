import { setTimeout as pause } from "node:timers/promises";
import { FlashlineError } from "@flashline/contract";
import type { State } from "./plant/state.ts";
import type { World } from "./plant/world.ts";
import { ROWS, type Rows } from "./rows.ts";
import { attemptLine, codeOf, type View } from "./view.ts";

/** When things happened, by the server. The model takes these times as they are. */
interface Times {
  readonly jobs: ReadonlyMap<string, number>;
  readonly attempts: ReadonlyMap<string, number>;
  readonly queues: ReadonlyMap<string, number>;
  readonly repairs: readonly (readonly number[])[];
  readonly overrides: readonly (readonly number[])[];
}
export interface Observed {
  readonly view: View;
  readonly times: Times;
}

const SETTLE_MS = 15_000;

const lookedUp = (names: readonly string[], name: string): number => names.indexOf(name);

function holdKey(world: World, { kind, name, machine }: Rows["holds"][number]): string {
  const names = world.stations.map((station) => station.name);
  const station = names.findIndex((one) => name === one || name.startsWith(`${one}/`));
  switch (kind) {
    case "station":
      return `station ${station}`;
    case "nest":
      return `nest ${station}/${"AB".indexOf(name.slice(-1))}`;
    case "host":
      return `host ${world.stations.findIndex((one) => one.machine === machine)}`;
    case "unit":
      return `unit ${world.serials.findIndex((serial) => name.endsWith(` ${serial}`))}`;
    default:
      return kind;
  }
}

async function readRows(world: World): Promise<Rows> {
  const { productId, since, replicas } = world;
  const { sql } = replicas.server.platform.db;
  // What waits is looked at by a worker of one of the replicas, a moment later.
  for (const end = Date.now() + SETTLE_MS; ; await pause(2)) {
    const [rows] = await sql.query<Rows>(ROWS, [productId, since.position, since.at]);
    if (rows === undefined) throw new FlashlineError("internal.bug");
    const waits = rows.jobs.filter(({ state }) => state === "QUEUED");
    if (waits.length === 0) return rows;
    if (Date.now() > end) {
      throw new FlashlineError("internal.bug", "Jobs wait, and nobody offers them.");
    }
  }
}

/** What the database holds, once nothing waits for a worker. */
export async function observe(world: World): Promise<Observed> {
  const rows = await readRows(world);
  const at = {
    unit: (serial: string) => lookedUp(world.serials, serial),
    order: (number: string) =>
      lookedUp(
        world.orders.map((one) => one.number),
        number,
      ),
    station: (name: string) =>
      lookedUp(
        world.stations.map((one) => one.name),
        name,
      ),
    release: (version: string) => Number(version.split(".")[1]),
  };
  const held = rows.holds.filter(({ name, machine }) => isOf(world, name, machine));
  const reworkOf = (serial: string, kind: string) =>
    rows.rework.filter((one) => one.serial === serial && one.kind === kind).map((one) => one.at);
  const repairs = world.serials.map((serial) => reworkOf(serial, "repair"));
  const overrides = world.serials.map((serial) => reworkOf(serial, "override"));
  return {
    view: {
      jobs: Object.fromEntries(
        rows.jobs.map((job) => {
          const place = `unit ${at.unit(job.serial)} at ${at.station(job.station)}/${"AB".indexOf(job.nest)} order ${at.order(job.order)} release ${at.release(job.version)}`;
          const what = `${place} ${job.dirty ? "dirty " : ""}${job.state} ${job.epoch} ${codeOf(job.code)}`;
          const hasDeadline = ["OFFERED", "LEASED", "RUNNING"].includes(job.state);
          const wrong = job.deadline === hasDeadline ? "" : " with a wrong deadline";
          return [job.id, what.trimEnd() + wrong];
        }),
      ),
      attempts: Object.fromEntries(rows.attempts.map((one) => [one.id, attemptLine(one)])),
      orders: rows.orders.map(
        (one) =>
          `${one.state} ${one.used}/${one.quantity} release ${at.release(one.version)} counted ${one.counted} passed ${one.passed} running ${one.running} failed ${one.failed}`,
      ),
      releases: world.releases.map(
        ({ version }) => rows.releases.find((one) => one.version === version)?.state ?? "withdrawn",
      ),
      units: world.serials.map((serial) => {
        const unit = rows.units.find((one) => one.serial === serial);
        return unit === undefined
          ? "not known"
          : `${unit.state}${unit.scrapped ? " scrapped" : ""}`;
      }),
      queues: world.stations.flatMap(({ name }, station) =>
        rows.queues
          .filter((one) => one.station === name)
          .map(({ order, priority }) => `${station}: ${at.order(order)} ${priority}`)
          .sort(),
      ),
      rework: world.serials.map((_, unit) => `${repairs[unit]?.length} ${overrides[unit]?.length}`),
      holds: held.map((hold) => holdKey(world, hold)).sort(),
      events: [...rows.events].sort(),
    },
    times: {
      jobs: new Map(rows.jobs.map((one) => [one.id, one.at])),
      attempts: new Map(rows.attempts.map((one) => [one.id, one.at])),
      queues: new Map(
        rows.queues.map((one) => [`${at.station(one.station)} ${at.order(one.order)}`, one.at]),
      ),
      repairs,
      overrides,
    },
  };
}

/** The hold is on something of this world. */
const isOf = (world: World, name: string, machine: string | null): boolean =>
  name === `${world.plant}/${world.line}` ||
  name.startsWith(`${world.product} `) ||
  world.stations.some(
    (one) => one.machine === machine || name === one.name || name.startsWith(`${one.name}/`),
  );

/** Lets the model know when things happened: ties and clocks are the server's. */
export function takeTimes(s: State, times: Times): void {
  for (const job of s.jobs) job.createdAt = times.jobs.get(job.id) ?? job.createdAt;
  for (const one of s.attempts) one.acceptedAt = times.attempts.get(one.id) ?? one.acceptedAt;
  for (const [station, { queue }] of s.stations.entries()) {
    for (const one of queue) one.setAt = times.queues.get(`${station} ${one.order}`) ?? one.setAt;
  }
  for (const [at, unit] of s.units.entries()) {
    unit.repairs.splice(0, unit.repairs.length, ...(times.repairs[at] ?? []));
    unit.overrides.splice(0, unit.overrides.length, ...(times.overrides[at] ?? []));
  }
}
