import { setTimeout as pause } from "node:timers/promises";
import { FlashlineError } from "@flashline/contract";
import { tallyOf, unitState, usedOf } from "./rules.ts";
import type { State } from "./state.ts";
import type { World } from "./world.ts";

/** The same of the model and of the database, so that one can be held against the other. */
interface View {
  readonly jobs: Readonly<Record<string, string>>;
  readonly attempts: Readonly<Record<string, string>>;
  readonly orders: readonly string[];
  readonly releases: readonly string[];
  readonly units: readonly string[];
  readonly queues: readonly string[];
  readonly rework: readonly string[];
  readonly holds: readonly string[];
  readonly events: readonly string[];
}

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

/** One hold of several is told with a job that is called off; which one is not said. */
const codeOf = (code: string | null): string =>
  code !== null && /^preflight\..*(_held|_paused|_off|_quarantined)$/.test(code)
    ? "a hold"
    : (code ?? "");

export const viewOf = (s: State): View => ({
  jobs: Object.fromEntries(
    s.jobs.map((job) => {
      const { id, unit, station, nest, order, release, dirty, state, epoch, code } = job;
      const place = `unit ${unit} at ${station}/${nest} order ${order} release ${release}`;
      const what = `${place} ${dirty ? "dirty " : ""}${state} ${epoch} ${codeOf(code)}`;
      return [id, what.trimEnd()];
    }),
  ),
  attempts: Object.fromEntries(
    s.attempts.map((one) => [
      one.id,
      [
        ...[one.job, one.epoch, one.outcome, one.code, one.touched, one.body?.slice(0, 8)],
        ...[one.late && "late", one.contradicted && "contradicted", one.first && "first"],
      ].join(" "),
    ]),
  ),
  orders: s.orders.map(({ open, quantity, release }, at) => {
    const { passed, running, failed } = tallyOf(s, at);
    const used = usedOf(s, at);
    return `${open ? "open" : "closed"} ${used}/${quantity} release ${release} counted ${used} passed ${passed} running ${running} failed ${failed}`;
  }),
  releases: [...s.releases],
  units: s.units.map(({ known, scrapped }, at) =>
    known ? `${unitState(s, at)}${scrapped ? " scrapped" : ""}` : "not known",
  ),
  queues: s.stations.flatMap(({ queue }, at) =>
    queue.map(({ order, priority }) => `${at}: ${order} ${priority}`).sort(),
  ),
  rework: s.units.map(({ repairs, overrides }) => `${repairs.length} ${overrides.length}`),
  holds: [...s.holds].sort(),
  events: [...s.events].sort(),
});

interface Rows {
  readonly jobs: readonly {
    id: string;
    serial: string;
    station: string;
    nest: string;
    order: string;
    version: string;
    dirty: boolean;
    state: string;
    epoch: number;
    code: string | null;
    at: number;
    deadline: boolean;
  }[];
  readonly attempts: readonly {
    id: string;
    job: string;
    epoch: number;
    outcome: string | null;
    code: string | null;
    touched: boolean | null;
    body: string | null;
    late: boolean;
    contradicted: boolean;
    first: boolean;
    at: number;
  }[];
  readonly orders: readonly {
    number: string;
    state: string;
    quantity: number;
    used: number;
    counted: number;
    version: string;
    passed: number;
    running: number;
    failed: number;
  }[];
  readonly releases: readonly { version: string; state: string }[];
  readonly units: readonly { serial: string; state: string; scrapped: boolean }[];
  readonly queues: readonly { station: string; order: string; priority: number; at: number }[];
  readonly rework: readonly { serial: string; kind: string; at: number }[];
  readonly holds: readonly { kind: string; name: string; machine: string | null }[];
  readonly events: readonly string[];
}

const MS = (column: string) => `(extract(epoch FROM ${column}) * 1000)::float8`;
const all = (columns: string, from: string) =>
  `(SELECT coalesce(json_agg(t), '[]') FROM (SELECT ${columns} FROM ${from}) t)`;

/** Of the product $1, in the ledger after position $2 and time $3. Everything is counted from what it is about, whatever is kept. */
const ROWS = `
SELECT ${all(
  `j.id, u.serial, s.name AS station, n.name AS nest, w.number AS order, r.version, j.dirty, j.state, j.epoch::int, j.code,
   ${MS("j.created_at")} AS at, j.deadline IS NOT NULL AS deadline`,
  `job j JOIN unit u ON u.id = j.unit_id JOIN station s ON s.id = j.station_id JOIN nest n ON n.id = j.nest_id
   JOIN work_order w ON w.id = j.work_order_id JOIN release r ON r.id = j.release_id WHERE u.product_id = $1`,
)} AS jobs,
${all(
  `a.id, a.job_id AS job, a.epoch::int, a.outcome, a.code, a.touched, a.body_sha256 AS body, a.late,
   a.contradictions <> '{}' AS contradicted, a.first, ${MS("a.accepted_at")} AS at`,
  "attempt a JOIN unit u ON u.id = a.unit_id WHERE u.product_id = $1",
)} AS attempts,
${all(
  `w.number, w.state, w.quantity, w.used, r.version,
   (SELECT count(*)::int FROM job j WHERE j.work_order_id = w.id AND j.state NOT IN ('FAILED', 'CANCELLED', 'SUPERSEDED')) AS counted,
   (SELECT coalesce(sum(k.passed), 0)::int FROM tally k WHERE k.scope = w.id) AS passed,
   (SELECT coalesce(sum(k.running), 0)::int FROM tally k WHERE k.scope = w.id) AS running,
   (SELECT coalesce(sum(k.failed), 0)::int FROM tally k WHERE k.scope = w.id) AS failed`,
  "work_order w JOIN release r ON r.id = w.release_id WHERE w.product_id = $1 ORDER BY w.number",
)} AS orders,
${all("version, state", "release WHERE product_id = $1")} AS releases,
${all(
  `u.serial, k.state, coalesce((SELECT x.kind = 'scrap' FROM rework x WHERE x.unit_id = u.id AND x.kind LIKE '%scrap'
     ORDER BY x.at DESC, x.id DESC LIMIT 1), false) AS scrapped`,
  "unit u JOIN unit_state k ON k.unit_id = u.id WHERE u.product_id = $1",
)} AS units,
${all(
  `s.name AS station, w.number AS order, q.priority, ${MS("q.set_at")} AS at`,
  "station_order q JOIN station s ON s.id = q.station_id JOIN work_order w ON w.id = q.work_order_id WHERE w.product_id = $1",
)} AS queues,
${all(
  `u.serial, x.kind, ${MS("x.at")} AS at`,
  "rework x JOIN unit u ON u.id = x.unit_id WHERE u.product_id = $1 ORDER BY x.at, x.id",
)} AS rework,
${all(
  "h.kind, h.name, host.machine",
  "hold h LEFT JOIN host ON host.id = h.target_id WHERE h.lifted_at IS NULL",
)} AS holds,
ARRAY(SELECT e.kind || CASE WHEN e.subject_kind IN ('job', 'attempt') THEN ' ' || e.subject_id ELSE '' END
  FROM (SELECT at, kind, subject_kind, subject_id FROM ledger_open
        UNION ALL SELECT at, kind, subject_kind, subject_id FROM ledger WHERE position > $2) e
 WHERE e.at > $3 AND e.kind ~ '^(job|attempt|result|order|release|unit|batch|nest|line|station|host)\\.' AND e.kind <> 'host.judged') AS events`;

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
      throw new FlashlineError("internal.bug", `${waits.length} jobs wait and nobody offers them`);
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
      attempts: Object.fromEntries(
        rows.attempts.map((one) => [
          one.id,
          [
            ...[one.job, one.epoch, one.outcome, one.code, one.touched, one.body?.slice(0, 8)],
            ...[one.late && "late", one.contradicted && "contradicted", one.first && "first"],
          ].join(" "),
        ]),
      ),
      orders: rows.orders.map(
        (one) =>
          `${one.state} ${one.used}/${one.quantity} release ${at.release(one.version)} counted ${one.counted} passed ${one.passed} running ${one.running} failed ${one.failed}`,
      ),
      releases: world.releases.map(
        ({ version }) => rows.releases.find((one) => one.version === version)?.state ?? "withdrawn",
      ),
      units: world.serials.map((serial) => {
        const unit = rows.units.find((one) => one.serial === serial);
        return unit === undefined ? "not known" : `${unit.state}${unit.scrapped ? " scrapped" : ""}`;
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
