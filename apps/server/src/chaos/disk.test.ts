import { createHash, randomBytes } from "node:crypto";
import { mkdirSync, readdirSync } from "node:fs";
import path from "node:path";
import { RefusedError } from "@flashline/contract";
import { expect, test } from "vitest";
import { startEmbedded } from "../db/embedded/cluster.ts";
import { lineOf, resultOf } from "../jobs/testing.ts";
import { eventually } from "../testing/refusal.ts";
import { sampleImage } from "../testing/seed.ts";
import { startTestServer } from "../testing/server.ts";
import { MAY_MOUNT, mountSmallDisk, type SmallDisk } from "./small-disk.ts";

/** A test that starts PostgreSQL takes seconds; on a busy machine many. Milliseconds. */
const PROCESSES_MS = 120_000;
/** The largest time after which the server must take everything again once there is room, milliseconds. */
const RECOVERY_MS = 30_000;
/** The disk has room for a cluster and its log, megabytes. */
const CLUSTER_MB = 160;

/** `npm test` counts what is skipped as failed. */
const testWithDisk = test.skipIf(!MAY_MOUNT);
const HINT = MAY_MOUNT ? "" : " (not tried: only root mounts a small disk)";

async function onSmallDisk(
  megabytes: number,
  work: (disk: SmallDisk) => Promise<void>,
): Promise<void> {
  const disk = mountSmallDisk(megabytes);
  try {
    await work(disk);
  } finally {
    disk.close();
  }
}

testWithDisk(
  `a full disk for images is said with 507, nothing half stays, and the upload succeeds when there is room${HINT}`,
  () =>
    onSmallDisk(8, async ({ folder, fill, empty }) => {
      const server = await startTestServer({ idle: true, environment: { FLASHLINE_DATA: folder } });
      try {
        const authorization = `Bearer ${await server.tokenSecret("releases:publish")}`;
        const upload = async () => {
          const answer = await server.app.inject({
            method: "POST",
            url: "/v1/images",
            headers: { authorization, "content-type": "application/octet-stream" },
            payload: sampleImage(300_000, 7),
          });
          return `${answer.statusCode} ${answer.json<{ code?: string }>().code ?? "stored"}`;
        };
        fill();
        expect(await upload()).toBe("507 server.disk_full");
        expect(readdirSync(path.join(folder, "images", "incoming"))).toEqual([]);
        empty();
        expect(await upload()).toBe("201 stored");
      } finally {
        await server.close();
      }
    }),
);

testWithDisk(
  `an upload in parts keeps what the disk still took, says 507, and goes on from there${HINT}`,
  () =>
    onSmallDisk(8, async ({ folder, fill, empty }) => {
      const server = await startTestServer({ idle: true, environment: { FLASHLINE_DATA: folder } });
      try {
        const authorization = `Bearer ${await server.tokenSecret("releases:publish")}`;
        const image = sampleImage(300_000, 8);
        const size = image.length;
        const url = `/v1/images/${createHash("sha256").update(image).digest("hex")}/upload`;
        const send = async (offset: number, end: number) => {
          const answer = await server.app.inject({
            method: "POST",
            url: `${url}?size=${size}&offset=${offset}`,
            headers: { authorization, "content-type": "application/octet-stream" },
            payload: image.subarray(offset, end),
          });
          const { code, offset: stands } = answer.json<{ code?: string; offset?: number }>();
          return `${answer.statusCode} ${code ?? stands}`;
        };
        const standing = async () => {
          const answer = await server.app.inject({
            url: `${url}?size=${size}`,
            headers: { authorization },
          });
          return answer.json<{ offset: number }>().offset;
        };
        expect(await send(0, 100_000)).toBe("200 100000");
        fill();
        expect(await send(100_000, size)).toBe("507 server.disk_full");
        const stands = await standing();
        expect(stands).toBeGreaterThanOrEqual(100_000);
        expect(stands).toBeLessThan(size);
        empty();
        expect(await send(stands, size)).toBe(`201 ${size}`);
        expect(readdirSync(path.join(folder, "images", "parts"))).toEqual([]);
      } finally {
        await server.close();
      }
    }),
);

test(
  "a full disk of the database is said, loses no result, and is over when there is room",
  {
    timeout: PROCESSES_MS,
  },
  () =>
    onSmallDisk(CLUSTER_MB, async ({ folder, fill, empty }) => {
      mkdirSync(path.join(folder, "data"));
      const cluster = await startEmbedded({ data: path.join(folder, "data") });
      const server = await startTestServer({ environment: { DATABASE_URL: cluster.url } });
      try {
        const line = lineOf(server);
        const attempt = await line.start(await line.lease("SN80000001"));
        await line.flash("SN80000002", {}, "B");
        // What no column holds is kept as it came, and takes room that the tables do not have yet.
        const filling = randomBytes(1_000_000).toString("base64");
        const result = resultOf(attempt, { filling });
        const report = () =>
          line.report(attempt, result).then(
            ({ status }) => `${status} taken`,
            (error: unknown) => {
              if (error instanceof RefusedError) return `${error.status} ${error.refusal.code}`;
              throw error;
            },
          );
        fill();
        expect(await report()).toBe("507 server.disk_full");
        expect(await report()).toMatch(/^50[37] server\.(disk_full|unavailable)$/);
        empty();
        const isTaken = (answer: string) => answer.endsWith("taken");
        expect(await eventually(report, isTaken, RECOVERY_MS)).toBe("201 taken");
        await line.flash("SN80000003");
        const stored = await server.platform.db.sql.query(
          "SELECT serial FROM attempt JOIN job ON job.id = attempt.job_id JOIN unit ON unit.id = job.unit_id WHERE outcome = 'PASS' ORDER BY 1",
        );
        expect(stored.map((row) => row["serial"])).toEqual([1, 2, 3].map((n) => `SN8000000${n}`));
      } finally {
        await server.close();
        await cluster.stop();
      }
    }),
);
