import { rmSync, writeFileSync } from "node:fs";
import path from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import type pg from "pg";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type EmbeddedCluster, startEmbedded } from "../db/embedded/cluster.ts";
import { sqlOn } from "../db/sql.ts";
import { repairUsed } from "../jobs/used.repository.ts";
import { temporaryDataFolder } from "../testing/data-folder.ts";
import { seedPlant } from "../testing/plant.ts";
import { type ServerProcess, startServerProcess } from "../testing/process.ts";
import { randomFrom } from "../testing/random.ts";
import { startRedis, type TestRedis } from "../testing/redis.ts";
import { eventually } from "../testing/refusal.ts";
import type { SeededStation } from "../testing/seed.ts";
import { type Clock, wrongClock } from "./clock.ts";
import { type Load, placeOrder, startLoad } from "./load.ts";
import { makeNetwork, type OwnNetwork } from "./network.ts";
import { familyOf, postmasterOf, signal, terminateAll, withClient } from "./postgres-process.ts";

/** Rounds on each kind of queue: each fault once, and more in a nightly run. */
const ROUNDS = Number(process.env["FLASHLINE_CHAOS_ROUNDS"] ?? 4);
/** Another start for a long run, unless one is to be repeated. */
const SEED = Number(process.env["FLASHLINE_SEED"] ?? (ROUNDS > 4 ? Date.now() % 1_000_000 : 1));
/** A round starts processes and waits for bounds of its own, also on a machine that is busy. Milliseconds. */
const ROUND_MS = 90_000;
const STATIONS = 4;
/** Longer than any time-out of the server's connections, so that each of them is met, milliseconds. */
const STOPPED_MS = 11_000;
/** When after the first results a fault begins, at most, milliseconds. */
const BEGINS_MS = 300;
/** No call may take longer, whatever PostgreSQL does; the rest is this machine's. Milliseconds. */
const LONGEST_CALL_MS = 10_500;
/** From an order to its started job once the fault is over, milliseconds. */
const LONGEST_START_MS = 15_000;

const NIGHTLY = process.env["FLASHLINE_NIGHTLY"] !== undefined;
/** How long a server lives with a wrong clock, milliseconds. */
const WRONG_CLOCK_MS = 3_000;
const HOUR_S = 3_600;
/** The network is lost for at least so long, milliseconds, and its stations wait so long for an answer. */
const LOST_MS = 6_000;
const PATIENCE_MS = 4_000;

const binaries = process.env["FLASHLINE_TEST_POSTGRES"];

/** A server process on a PostgreSQL of its own; what queues run on is the case. */
describe.concurrent.each(["postgresql", "redis"] as const)(
  "a server with its queues on %s",
  (kind) => {
    let folder: string;
    let cluster: EmbeddedCluster;
    let redis: TestRedis | undefined;
    let server: ServerProcess;
    let stations: SeededStation[];
    let waiting: SeededStation;
    let clock: Clock | undefined;
    let network: OwnNetwork | undefined;
    let salt = 1;

    async function open(): Promise<void> {
      folder = temporaryDataFolder("chaos");
      redis = kind === "redis" ? await startRedis() : undefined;
      network = NIGHTLY && kind === "postgresql" ? makeNetwork(1) : undefined;
      cluster = await startEmbedded({
        data: path.join(folder, "cluster"),
        settings: network === undefined ? [] : reachableBy(network),
        ...(binaries === undefined || binaries === "" ? {} : { binaries }),
      });
      const environment = {
        FLASHLINE_DATA: path.join(folder, "server"),
        DATABASE_URL: cluster.url,
        ...(redis === undefined ? {} : { REDIS_URL: redis.url }),
      };
      const names = Array.from({ length: STATIONS }, (_, at) => `C${at}`);
      const plant = await seedPlant(environment, ["W", ...names]);
      [waiting, ...stations] = plant.stations as [SeededStation, ...SeededStation[]];
      if (NIGHTLY) clock = wrongClock(folder);
      const place = {
        DATABASE_URL: cluster.url.replace("127.0.0.1", network?.host ?? "127.0.0.1"),
        FLASHLINE_HOST: network?.inside ?? "127.0.0.1",
      };
      const all = { ...environment, ...place, ...clock?.environment };
      server = await startServerProcess(all, undefined, network?.enter);
    }
    /** PostgreSQL listens on the cable too. */
    function reachableBy({ host, inside }: OwnNetwork): readonly string[] {
      const access = path.join(folder, "hba");
      const from = ["127.0.0.1", inside].map(
        (address) => `host all all ${address}/32 scram-sha-256`,
      );
      writeFileSync(access, `${from.join("\n")}\n`, { mode: 0o644 });
      return [`listen_addresses=127.0.0.1,${host}`, `hba_file=${access}`];
    }
    // Awaited by every test: tests behind a failed hook would count as skipped.
    let opening: Promise<void>;
    beforeAll(() => {
      opening = open();
      opening.catch(() => undefined);
    });
    afterAll(async () => {
      await opening.catch(() => undefined);
      await server?.end();
      await redis?.stop();
      await cluster?.stop();
      network?.close();
      rmSync(folder, { recursive: true, force: true });
    });

    /** Results that came in by now. */
    const grows = async (load: Load, by: number): Promise<void> => {
      const before = load.acknowledged.size;
      const size = await eventually(
        () => Promise.resolve(load.acknowledged.size),
        (count) => count >= before + by,
        LONGEST_START_MS + 5_000,
      );
      expect(size, server.fate()).toBeGreaterThanOrEqual(before + by);
    };

    /** Works under `fault`, and holds what the stations saw against what a server promises. */
    async function round(fault: () => Promise<void>, patienceMs?: number): Promise<void> {
      const load = startLoad(server.url, stations, salt, patienceMs);
      salt += 1;
      await grows(load, STATIONS);
      await fault();
      load.mark();
      await grows(load, STATIONS);
      await load.stop();
      expect(server.fate()).toBe("runs");
      expect([...load.refusals.keys()].filter((name) => name !== "503 server.unavailable")).toEqual(
        [],
      );
      expect(load.longestCallMs()).toBeLessThan(LONGEST_CALL_MS);
      const stored = await withClient(cluster.url, async (client) => {
        const { rows } = await client.query<{ id: string; outcome: string }>(
          "SELECT id, outcome FROM attempt WHERE id = ANY($1)",
          [[...load.acknowledged]],
        );
        return rows.filter(({ outcome }) => outcome === "PASS").length;
      });
      expect(stored).toBe(load.acknowledged.size);
      const counts = await withClient(cluster.url, (client) =>
        repairUsed(sqlOn(client as pg.PoolClient)),
      );
      expect(counts).toEqual([]);
      expect(load.longestStartMs()).toBeLessThan(LONGEST_START_MS);
      process.stderr.write(
        `${kind}: ${load.acknowledged.size} results, longest call ${Math.round(load.longestCallMs())} ms, longest start ${Math.round(load.longestStartMs())} ms, ${JSON.stringify([...load.refusals])}\n`,
      );
    }

    // Only at night: they need tools that `npm test` does not install.
    const clockJumps = [
      "goes on when its clock jumps by hours, forward and back, under load",
      (random: () => number) =>
        round(async () => {
          const hours = 2 + Math.floor(40 * random());
          for (const jump of [hours, -hours, 0]) {
            clock?.set(jump * HOUR_S);
            await pause(WRONG_CLOCK_MS);
            const { headers } = await fetch(`${server.url}/healthz`);
            const ahead = Date.parse(headers.get("date") ?? "") - Date.now();
            expect(ahead / 1000 / HOUR_S).toBeCloseTo(jump, 1);
          }
        }),
    ] as const;
    const cable = [
      "goes on when its network to stations and database was cut under load",
      (random: () => number) =>
        round(async () => {
          network?.cut();
          await pause(LOST_MS + LOST_MS * random());
          network?.mend();
        }, PATIENCE_MS),
    ] as const;

    /** A fault, with a number below 1 from the seed for each of its times. */
    const faults: readonly (readonly [string, (random: () => number) => Promise<void>])[] = [
      [
        "outlives that PostgreSQL ends its connections under load, again and again",
        (random) =>
          round(async () => {
            let terminated = 0;
            for (let again = 0; again < 8; again += 1) {
              terminated += await terminateAll(cluster.url);
              await pause(20 + 200 * random());
            }
            expect(terminated).toBeGreaterThan(8);
          }),
      ],
      [
        "outlives that PostgreSQL is killed under load",
        (random) =>
          round(async () => {
            await pause(BEGINS_MS * random());
            const before = await postmasterOf(cluster.url);
            signal([before], "SIGKILL");
            // The test's own hold on the cluster starts it again.
            await eventually(
              () => postmasterOf(cluster.url).catch(() => before),
              (pid) => pid !== before,
              30_000,
            );
          }),
      ],
      [
        "answers within 10 s while PostgreSQL takes connections and answers nothing",
        (random) =>
          round(async () => {
            await pause(BEGINS_MS * random());
            const family = familyOf(await postmasterOf(cluster.url));
            signal(family, "SIGSTOP");
            await pause(STOPPED_MS);
            signal(family, "SIGCONT");
          }),
      ],
      [
        "has every start in hand within 15 s after it was killed, also of an order that nobody had fetched",
        async (random) => {
          const load = startLoad(server.url, stations, salt);
          await grows(load, STATIONS);
          const order = await placeOrder(server.url, waiting, `SN${salt}90000`);
          salt += 1;
          await pause(BEGINS_MS * random());
          await server.end("SIGKILL");
          await server.start();
          load.mark();
          const inHandMs = await order.fetched();
          await grows(load, STATIONS);
          await load.stop();
          expect(load.longestStartMs()).toBeLessThan(LONGEST_START_MS);
          expect(inHandMs).toBeLessThan(LONGEST_START_MS);
          process.stderr.write(
            `${kind}: killed; longest start ${Math.round(load.longestStartMs())} ms, waiting order ${Math.round(inHandMs)} ms\n`,
          );
        },
      ],
      ...(NIGHTLY ? [clockJumps, ...(kind === "postgresql" ? [cable] : [])] : []),
    ];
    const random = randomFrom(SEED);

    let turns = [...faults];
    for (let at = 0; at < ROUNDS; at += 1) {
      // Each fault as often as the others: all of them in turn, and after that in orders that the seed gives.
      if (turns.length === 0) turns = shuffled(faults, random);
      const [title, work] = turns.shift() ?? ["", () => Promise.resolve()];
      test.sequential(`${title} (round ${at + 1}, seed ${SEED})`, {
        timeout: ROUND_MS,
      }, async () => {
        await opening;
        await work(random);
      });
    }
  },
);

function shuffled<T>(all: readonly T[], random: () => number): T[] {
  const order = all.map((each) => ({ each, at: random() }));
  return order.sort((a, b) => a.at - b.at).map(({ each }) => each);
}
