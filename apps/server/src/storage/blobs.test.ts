import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { Readable } from "node:stream";
import { afterAll, beforeAll, expect, test } from "vitest";
import { readConfig } from "../config/config.ts";
import { startS3, type TestS3 } from "../testing/s3.ts";
import { type BlobStore, blobPath, imageBytes } from "./blobs.ts";
import { copyBlobs } from "./copy.ts";
import { blobsAt, openBlobs } from "./open.ts";
import { s3Blobs } from "./s3/blobs.ts";
import { s3Place } from "./s3/place.ts";
import { sharingReads } from "./shared-reads.ts";

interface Place {
  readonly store: BlobStore;
  /** The file where this store keeps a blob. */
  fileOf(sha256: string): string;
}

let folder: string;
let s3: TestS3;
const places = new Map<string, Place>();
const never = (error: unknown) => expect(error).toBe("no outage");
const config = (environment: Readonly<Record<string, string>> = {}) =>
  readConfig({ FLASHLINE_DATA: folder, ...environment });
const placeOf = (kind: string): Place => {
  const place = places.get(kind);
  expect(place).toBeDefined();
  return place as Place;
};

beforeAll(async () => {
  folder = mkdtempSync(path.join(tmpdir(), "flashline-blobs-"));
  s3 = await startS3();
  const inS3 = config(s3.settings("plant"));
  places.set("a folder", {
    store: await openBlobs(config(), never),
    fileOf: (sha256) => path.join(folder, "images", blobPath(sha256)),
  });
  places.set("S3", {
    store: await openBlobs(inS3, never),
    fileOf: (sha256) => s3.fileOf(`plant/${blobPath(sha256)}`),
  });
});
afterAll(async () => {
  await s3.stop();
  rmSync(folder, { recursive: true, force: true });
});

const chunks = (...sizes: readonly number[]) =>
  Readable.from(sizes.map((size, n) => Buffer.alloc(size, n + 1)));
const incoming = () => readdirSync(path.join(folder, "images", "incoming"));
const UNKNOWN = "0".repeat(64);

test.each(["a folder", "S3"])(
  "%s gives back what was put, names what it lacks, and keeps nothing of too much",
  async (kind) => {
    const { store } = placeOf(kind);
    const { sha256, size } = await store.put(chunks(1000, 70_000, 1), 71_001);
    expect(size).toBe(71_001);
    const whole = Buffer.from(await imageBytes(store, sha256));
    expect(whole.subarray(1000, 71_000)).toEqual(Buffer.alloc(70_000, 2));
    expect(whole).toHaveLength(71_001);
    await expect(store.put(chunks(1000, 70_000, 2), 71_001)).rejects.toMatchObject({
      code: "request.too_large",
    });
    const broken = new Readable({
      read() {
        this.push(Buffer.alloc(10));
        this.destroy(new TypeError("the sender went away"));
      },
    });
    await expect(store.put(broken, 100)).rejects.toThrow("the sender went away");
    expect(incoming()).toEqual([]);
    expect(await store.read(UNKNOWN)).toBe("missing");
    await expect(imageBytes(store, UNKNOWN)).rejects.toMatchObject({
      code: "server.unavailable",
      away: false,
      message: expect.stringContaining(`${UNKNOWN} was uploaded, but ${store.place} lacks it`),
    });
  },
);

test.each(["a folder", "S3"])(
  "%s tells bytes that were changed or cut, until they are put again",
  async (kind) => {
    const { store, fileOf } = placeOf(kind);
    const { sha256 } = await store.put(chunks(300, 5), 1000);
    const bytes = readFileSync(fileOf(sha256));
    for (const spoilt of [bytes.subarray(0, 100), Buffer.from(bytes).fill(9, 7, 8)]) {
      writeFileSync(fileOf(sha256), spoilt);
      expect(await store.read(sha256)).toBe("damaged");
      await expect(imageBytes(store, sha256)).rejects.toThrow(`${sha256} is damaged in`);
    }
    await store.put(chunks(300, 5), 1000);
    expect(await store.read(sha256)).toEqual(bytes);
  },
);

test.each([
  ["a folder", "S3"],
  ["S3", "a folder"],
])(
  "images move from %s to %s, whole, at the second try only those that are not there, and what is lost is named",
  async (one, other) => {
    const from = placeOf(one);
    const to = placeOf(other);
    const put = async (fill: number) =>
      (await from.store.put(Readable.from([Buffer.alloc(500, fill + one.length)]), 500)).sha256;
    const digests = await Promise.all([100, 120, 140, 160, 180].map(put));
    const [first = "", second = ""] = digests;
    writeFileSync(from.fileOf(second), "rotten");
    expect(await copyBlobs([...digests, UNKNOWN], from.store, to.store)).toEqual({
      copied: 4,
      there: 0,
      bytes: 2000,
      lost: [UNKNOWN, second].sort(),
    });
    writeFileSync(to.fileOf(first), "rotten");
    rmSync(from.fileOf(digests[4] ?? ""));
    expect(await copyBlobs(digests, from.store, to.store)).toMatchObject({
      copied: 1,
      there: 3,
      lost: [second],
    });
    expect(await to.store.read(first)).toEqual(await from.store.read(first));
  },
);

test("a store that refuses the server is told plainly at its start", async () => {
  const good = s3.settings("plant");
  const opened = (change: Readonly<Record<string, string>>) =>
    openBlobs(config({ ...good, ...change }), never).then(
      () => "opened",
      (error: { code: string; message: string }) => `${error.code}: ${error.message}`,
    );
  expect(await opened({ FLASHLINE_BLOBS: "s3://nowhere/plant" })).toBe(
    "config.invalid: The store of images s3://nowhere/plant answers 404 NoSuchBucket: there is no such bucket: make it, or mend FLASHLINE_BLOBS.",
  );
  expect(await opened({ AWS_SECRET_ACCESS_KEY: "guessed" })).toContain(
    "403 SignatureDoesNotMatch: AWS_SECRET_ACCESS_KEY is not the secret of AWS_ACCESS_KEY_ID",
  );
  expect(await opened({ AWS_ACCESS_KEY_ID: "another" })).toContain("403 InvalidAccessKeyId");
});

test("replicas' stations that fetch at the same time share one read, and memory is bounded", async () => {
  const { store } = placeOf("a folder");
  const put = async (fill: number) => (await store.put(chunks(fill), 1000)).sha256;
  const [a = "", b = "", c = ""] = await Promise.all([400, 401, 402].map(put));
  const reads: string[] = [];
  const counted: BlobStore = {
    ...store,
    read(sha256) {
      reads.push(sha256);
      return store.read(sha256);
    },
  };
  const shared = sharingReads(counted, 1000);
  const all = await Promise.all([a, a, a, b].map((sha256) => shared.read(sha256)));
  expect(reads).toEqual([a, b]);
  expect(all[0]).toBe(all[2]);
  await shared.read(a);
  // There is room for two: the one that was not asked for since goes.
  await shared.read(c);
  await shared.read(a);
  expect(reads).toEqual([a, b, c]);
  await shared.read(b);
  expect(reads).toEqual([a, b, c, b]);
  expect(await shared.read(UNKNOWN)).toBe("missing");
  expect(await shared.read(UNKNOWN)).toBe("missing");
  expect(reads).toHaveLength(6);
});

test("a store that is away is said within 10 seconds: one that is down and one that says nothing", async () => {
  // By day a shorter silence stands for the real one.
  const silenceMs = process.env["FLASHLINE_NIGHTLY"] === undefined ? 1_000 : undefined;
  const { s3: access } = config(s3.settings("plant"));
  const at = s3Place("s3://flashline/plant", access);
  const store = s3Blobs(at, path.join(folder, "images", "incoming"), silenceMs);
  const { sha256 } = await store.put(chunks(50), 100);
  const timed = async (work: () => Promise<unknown>) => {
    const began = performance.now();
    await expect(work()).rejects.toMatchObject({ code: "server.unavailable", away: true });
    expect(performance.now() - began).toBeLessThan(10_000);
  };
  s3.freeze();
  await Promise.all([
    timed(() => store.read(sha256)),
    timed(() => store.put(chunks(60), 100)),
    timed(() => store.ping()),
  ]);
  s3.thaw();
  expect(await store.read(sha256)).toEqual(Buffer.alloc(50, 1));
  await s3.down();
  await timed(() => store.read(sha256));
  const told: unknown[] = [];
  await openBlobs(config(s3.settings("plant")), (error) => told.push(error));
  expect(told).toHaveLength(1);
  await s3.up();
  expect(await store.read(sha256)).toEqual(Buffer.alloc(50, 1));
});

test("an address names bucket and prefix, in the host's name or in the path", () => {
  const inAmazon = config({ AWS_ACCESS_KEY_ID: "k", AWS_SECRET_ACCESS_KEY: "s" });
  expect(blobsAt("s3://bucket/a/b/", inAmazon).place).toBe("s3://bucket/a/b");
  expect(() => blobsAt("s3://Bucket", inAmazon)).toThrow("no address like s3://bucket/prefix");
  expect(() => blobsAt("s3://bucket", config())).toThrow("AWS_ACCESS_KEY_ID");
});
