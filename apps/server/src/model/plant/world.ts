import { createClient } from "@flashline/contract";
import { signMinisig } from "@flashline/signing";
import { newId } from "../../ids.ts";
import { hotRepository } from "../../jobs/hot.repository.ts";
import { leaseRepository } from "../../jobs/lease.repository.ts";
import { runService } from "../../jobs/run.service.ts";
import { signalsOn } from "../../jobs/signals.ts";
import { pacer } from "../../pacing/pacer.ts";
import { digestOf } from "../../testing/publishing.ts";
import { type SeededStation, seedStation } from "../../testing/seed.ts";
import { startTestServer, type TestClient, type TestServer } from "../../testing/server.ts";
import type { End } from "./ends.ts";
import {
  NESTS,
  ORDERS,
  QUANTITY,
  RELEASES,
  RETEST_LIMIT,
  STATIONS,
  UNIT_OF_BATCH,
  UNIT_OF_LIST,
  UNITS,
} from "./state.ts";

/** Replicas of one server, each listening on a port of its own; the second one can be ended and started again. */
export interface Replicas {
  readonly server: TestServer;
  /** What they answered, in words. */
  readonly heard: Set<string>;
  url(replica: number): string;
  token(): string;
  restart(): Promise<void>;
  close(): Promise<void>;
}

const listen = (server: TestServer) => server.app.listen({ host: "127.0.0.1", port: 0 });

export async function startReplicas(): Promise<Replicas> {
  const limits = { requestsPerMinute: 10_000_000 };
  const server = await startTestServer(limits);
  let second = await startTestServer({ ...limits, replicaOf: server });
  const urls = [await listen(server), await listen(second)];
  const token = await server.tokenSecret(
    "read",
    "orders:write",
    "stations:write",
    "releases:publish",
    "releases:promote",
  );
  return {
    server,
    heard: new Set(),
    url: (replica) => urls[replica] ?? "",
    token: () => token,
    async restart() {
      await second.close();
      second = await startTestServer({ ...limits, replicaOf: server });
      urls[1] = await listen(second);
    },
    async close() {
      await second.close();
      await server.close();
    },
  };
}

/** A plant with one line and one product, of its own on the replicas' database. */
export interface World {
  readonly replicas: Replicas;
  readonly plant: string;
  readonly line: string;
  readonly product: string;
  readonly productId: string;
  readonly batch: string;
  readonly serials: readonly string[];
  readonly stations: readonly SeededStation[];
  readonly orders: readonly { readonly id: string; readonly number: string }[];
  readonly releases: readonly {
    readonly id: string;
    readonly version: string;
    readonly manifest: string;
    readonly signature: string;
    readonly imageSha256: string;
  }[];
  /** What the stations' journals hold, by attempt: the bytes of a result, and how it ended. */
  readonly journal: Map<string, { readonly end: End; readonly bytes: string }>;
  /** Where the ledger stood, and when. */
  readonly since: { readonly position: number; readonly at: Date };
  /** As a station, over HTTP. */
  station(at: number, replica: number): TestClient;
  /** As somebody who may change everything here, over HTTP. */
  people(replica: number): TestClient;
  /** What the server does every few seconds. */
  sweep(): Promise<void>;
  /** Time passes in steps only: on a machine that is busy no lease runs out by itself. */
  holdTime(): Promise<void>;
}

/** Far below the shortest of the server's own times, milliseconds. */
const HOLD_MS = 5_000;

let made = 0;

export async function makeWorld(replicas: Replicas): Promise<World> {
  made += 1;
  const { server } = replicas;
  const { db, bus, queues, vault } = server.platform;
  const { seed } = server;
  const [plant, line, product] = [`Plant-${made}`, `Line-${made}`, `P-${made}`];
  const ids = { plant: newId(), line: newId(), product: newId(), step: newId() };
  const [imageSha256, batch] = [seed.imageSha256, `LOT-${made}`];
  const serials = Array.from({ length: UNITS }, (_, at) => `U${made}-${at}`);
  const releases = Array.from({ length: RELEASES }, (_, at) => {
    const version = `1.${at}.0`;
    const manifest = Buffer.from(JSON.stringify({ schema: 1, product, version }));
    const signature = signMinisig(manifest, seed.secretKey, { trustedComment: "model" });
    return { id: newId(), version, manifest: manifest.toString("base64"), signature, imageSha256 };
  });
  const [like] = await db.sql.query<{ recipe: object; key_id: string }>(
    "SELECT recipe, key_id FROM release WHERE id = $1",
    [seed.releaseId],
  );
  const { prisma } = db;
  await prisma.plant.create({
    data: {
      id: ids.plant,
      name: plant,
      timeZone: "Europe/Vienna",
      lines: { create: { id: ids.line, name: line } },
    },
  });
  await prisma.product.create({
    data: {
      id: ids.product,
      name: product,
      title: "Model",
      chip: "STM32F407",
      serialPattern: `^U${made}-\\d$`,
      registration: "pattern",
      retestLimit: RETEST_LIMIT,
      steps: { create: { id: ids.step, name: "flash", position: 1 } },
    },
  });
  for (const [at, { id, version, manifest, signature }] of releases.entries()) {
    const bytes = Buffer.from(manifest, "base64");
    const isReleased = at < RELEASES - 1;
    await prisma.release.create({
      data: {
        id,
        productId: ids.product,
        version,
        counter: at + 1,
        chip: "STM32F407",
        boardRevisions: [],
        state: isReleased ? "released" : "draft",
        check: "passed",
        manifest: new Uint8Array(bytes),
        manifestSha256: digestOf(bytes),
        signature,
        keyId: like?.key_id ?? "",
        recipe: like?.recipe ?? {},
        createdBy: "model",
        releasedAt: isReleased ? new Date() : null,
        images: { create: { position: 0, name: "app.bin", imageSha256, address: 0x0800_0000n } },
      },
    });
  }
  const orders = Array.from({ length: ORDERS }, (_, at) => ({
    id: newId(),
    number: `W${made}-${at}`,
  }));
  await prisma.workOrder.createMany({
    data: orders.map(({ id, number }) => ({
      id,
      number,
      productId: ids.product,
      releaseId: releases[0]?.id ?? "",
      stepId: ids.step,
      quantity: QUANTITY,
      createdBy: "model",
    })),
  });
  const stations: SeededStation[] = [];
  for (let at = 0; at < STATIONS; at += 1) {
    stations.push(await seedStation({ db }, ids.line, `S${made}-${at}`, NESTS, null));
  }
  await db.sql.execute(
    `INSERT INTO station_order (station_id, work_order_id, set_at)
     SELECT s, o, to_timestamp(n / 1000.0) FROM unnest($1::uuid[], $2::uuid[], $3::int[]) AS q(s, o, n)`,
    [
      [stations[0]?.id, stations[0]?.id, stations[1]?.id, stations[2]?.id],
      [orders[0]?.id, orders[1]?.id, orders[0]?.id, orders[1]?.id],
      [0, 1, 0, 1],
    ],
  );
  await prisma.unit.createMany({
    data: [
      { id: newId(), productId: ids.product, serial: serials[UNIT_OF_BATCH] ?? "", batch },
      {
        id: newId(),
        productId: ids.product,
        serial: serials[UNIT_OF_LIST] ?? "",
        workOrderId: orders[1]?.id ?? null,
      },
    ],
  });
  const [since] = await db.sql.query<{ position: number; at: Date }>(
    "SELECT coalesce(max(position), 0)::int AS position, clock_timestamp() AS at FROM ledger",
  );
  let heldAt = performance.now();
  const runs = runService(
    hotRepository(db, vault),
    leaseRepository(db),
    signalsOn(bus, queues),
    pacer(db),
  );
  const through = (replica: number, headers: Readonly<Record<string, string>>): TestClient =>
    createClient<AbortSignal>({
      baseUrl: replicas.url(replica),
      headers: () => ({ ...headers }),
      fetch: (url, init) => fetch(url, init as RequestInit),
    });
  return {
    replicas,
    plant,
    line,
    product,
    productId: ids.product,
    batch,
    serials,
    stations,
    orders,
    releases,
    journal: new Map(),
    since: since ?? { position: 0, at: new Date() },
    station: (at, replica) =>
      through(replica, {
        authorization: `Bearer ${stations[at]?.credential}`,
        "flashline-protocol": "1",
      }),
    people: (replica) => through(replica, { authorization: `Bearer ${replicas.token()}` }),
    sweep: () => runs.sweep(),
    async holdTime() {
      if (performance.now() - heldAt < HOLD_MS) return;
      heldAt = performance.now();
      await db.sql.execute(
        `UPDATE job SET deadline = now() + interval '1 h' FROM unit u
          WHERE u.id = job.unit_id AND u.product_id = $1 AND deadline IS NOT NULL`,
        [ids.product],
      );
      await db.sql.execute(
        "UPDATE station SET last_seen_at = now() WHERE line_id = $1 AND last_seen_at IS NOT NULL",
        [ids.line],
      );
    },
  };
}
