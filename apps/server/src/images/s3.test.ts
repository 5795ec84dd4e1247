import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { afterAll, beforeAll, expect, test } from "vitest";
import { backUp } from "../backup/backup.ts";
import { restore } from "../backup/restore.ts";
import { copyImages } from "../cli/blobs.ts";
import { blobPath } from "../storage/blobs.ts";
import { configuredBlobs } from "../storage/open.ts";
import { createTestDatabase } from "../testing/database.ts";
import {
  digestOf,
  IMAGE,
  imageEntry,
  type Publishing,
  startPublishing,
} from "../testing/publishing.ts";
import { eventually, refusal } from "../testing/refusal.ts";
import { startS3, type TestS3 } from "../testing/s3.ts";
import { sampleImage } from "../testing/seed.ts";

/** A server that keeps its images in S3, which can be stopped. */
let s3: TestS3;
let on: Publishing;
let folder: string;
beforeAll(async () => {
  s3 = await startS3();
  on = await startPublishing({ environment: s3.settings("plant") });
  folder = mkdtempSync(path.join(tmpdir(), "flashline-s3-test-"));
});
afterAll(async () => {
  await on.server.close();
  await s3.stop();
  rmSync(folder, { recursive: true, force: true });
});

const fetched = (sha256: string) => on.server.station()("image", { params: { sha256 } });
async function timed<T>(work: Promise<T>): Promise<T> {
  const began = performance.now();
  const result = await work;
  expect(performance.now() - began).toBeLessThan(10_000);
  return result;
}

test("images are in S3 alone, and a station gets them from there", async () => {
  const bytes = sampleImage(40_000, 3);
  const { body } = await on.upload(bytes);
  const answer = await on.server.app.inject({
    url: `/v1/agent/images/${body.sha256}`,
    headers: {
      authorization: `Bearer ${on.server.seed.station.credential}`,
      "flashline-protocol": "1",
    },
  });
  expect(bytes.equals(answer.rawPayload)).toBe(true);
  expect(answer.headers["content-length"]).toBe("40000");
  const inParts = sampleImage(900, 4);
  const params = { sha256: digestOf(inParts) };
  await on.ci("uploadPart", {
    params,
    query: { size: 900, offset: 0 },
    body: inParts.subarray(0, 500),
  });
  const ended = await on.ci("uploadPart", {
    params,
    query: { size: 900, offset: 500 },
    body: inParts.subarray(500),
  });
  expect([ended.status, ended.body.complete]).toEqual([201, true]);
  expect(await on.server.platform.blobs.read(params.sha256)).toEqual(inParts);
  const images = path.join(on.server.dataFolder, "images");
  expect(readdirSync(images).sort()).toEqual(["incoming", "parts"]);
  expect(readdirSync(path.join(images, "parts"))).toEqual([]);
  expect(await refusal(fetched("0".repeat(64)))).toBe("404 request.not_found");
});

test("a store that is stopped while a station fetches and a release is published refuses neither for good", async () => {
  const { outages } = on.server.platform;
  const [one, other, late] = [5, 6, 7].map((salt) => sampleImage(3_000, salt));
  const bytes = one ?? Buffer.alloc(0);
  await on.upload(bytes);
  await on.upload(other ?? bytes);
  s3.freeze();
  const during = timed(refusal(fetched(digestOf(bytes))));
  await pause(100);
  await s3.down();
  expect(await during).toBe("503 server.unavailable");
  expect(outages.note("images", new Error("no outage of images"))).toBe(false);
  expect(await timed(refusal(on.upload(late ?? bytes)))).toBe("503 server.unavailable");
  const { body: draft } = await on.publish({ images: [imageEntry(other ?? bytes)] });
  const waits = await eventually(
    async () => (await on.ci("release", { params: { id: draft.id } })).body,
    ({ check, checkMessage }) => check !== "pending" || checkMessage !== null,
  );
  expect(waits).toMatchObject({
    check: "pending",
    checkMessage: expect.stringContaining("s3://flashline/plant is not reachable"),
  });
  await s3.up();
  expect(await refusal(fetched(digestOf(bytes)))).toBe("answered");
  expect((await on.upload(late ?? bytes)).status).toBe(201);
  const checked = await eventually(
    async () => (await on.ci("release", { params: { id: draft.id } })).body,
    ({ check }) => check !== "pending",
    30_000,
  );
  expect(checked).toMatchObject({ check: "passed", checkMessage: null });
});

test("a back-up has the images of S3, and restores them into a folder and into S3", async () => {
  const { database, dataFolder, platform } = on.server;
  const source = { url: database.url, embedded: false, dataFolder, blobs: platform.blobs };
  const manifest = await backUp(source, path.join(folder, "backup"), false);
  expect(manifest.missingImages).toEqual([]);
  const target = await createTestDatabase({ empty: true });
  try {
    const config = { ...platform.config, blobs: "s3://flashline/restored" };
    const inS3 = (data: string) => configuredBlobs({ ...config, dataFolder: data });
    await restore({
      from: path.join(folder, "backup"),
      dataFolder: path.join(folder, "data"),
      databaseUrl: target.url,
      blobs: inS3,
      replace: false,
      skipNumbers: 0,
    });
    expect(await inS3(folder).read(digestOf(IMAGE))).toEqual(IMAGE);
    // An agent knows a server's folder by it.
    expect(readdirSync(path.join(folder, "data", "images"))).toEqual(["incoming"]);
  } finally {
    await target.drop();
  }
});

test("`blobs copy` takes every image that the database knows to a folder, and says what is lost", async () => {
  const { config } = on.server.platform;
  const to = path.join(folder, "copied");
  const lines: string[] = [];
  const copy = () =>
    copyImages({ name: "blobs copy", to, from: undefined, data: undefined }, config, (line) =>
      lines.push(line),
    );
  await copy();
  expect(lines.join("\n")).toMatch(
    /^Copied \d+ images .* from s3:\/\/flashline\/plant to \S+copied\.\n0 were/,
  );
  lines.length = 0;
  const lost = on.server.seed.imageSha256;
  rmSync(path.join(to, blobPath(lost)));
  s3.forget(`plant/${blobPath(lost)}`);
  await expect(copy()).rejects.toMatchObject({ code: "backup.unusable", details: [lost] });
  expect(lines[0]).toContain("Copied 0 images");
});
