import { createHash } from "node:crypto";
import { mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { FlashlineError, UpdateManifest, type WantedUpdate } from "@flashline/contract";
import { generateKeyPair, signMinisig } from "@flashline/signing";
import { pino } from "pino";
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { tarOf } from "../../../../scripts/update/tar.mjs";
import type { ServerLink } from "../server/link.ts";
import type { Work } from "./idle.ts";
import { noteHealthy } from "./newest.ts";
import { openUpdates } from "./opened.ts";
import { startUpdater, type Updater } from "./updater.ts";

const { publicKey, secretKey } = generateKeyPair();
const log = pino({ level: "silent" });
const BUSY: Work = { kind: "some", nest: "2", must: true };
const READY: Work = { kind: "some", nest: "2", must: false };

let folder: string;
let versions: string;
let archive: Buffer;
let wanted: WantedUpdate | null;
let work: Work;
let told: string[];
/** What the server heard last of the newest version that ran. */
let newest: string | null;
let left: (() => Promise<void>) | undefined;
let updater: Updater;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "flashline-updater-"));
  versions = join(folder, "versions");
  await mkdir(join(folder, "app"));
  await writeFile(join(folder, "app/main.mjs"), "// the new version");
  const made = await tarOf(join(folder, "app"), "app", 0);
  archive = made.bytes;
  const manifest = Buffer.from(
    JSON.stringify(
      UpdateManifest.parse({
        schema: 1,
        name: "flashline-agent",
        version: "1.5.0",
        launcher: 1,
        platform: `${process.platform}-${process.arch}`,
        node: process.versions.node,
        builtAt: "2026-11-29T12:00:00Z",
        journal: { reads: 1, writes: 1 },
        archive: {
          sha256: createHash("sha256").update(archive).digest("hex"),
          size: archive.length,
          unpacked: made.unpacked,
          files: made.files,
        },
      }),
    ),
  );
  wanted = {
    id: "019f0000-0000-7000-8000-000000000001",
    downgrade: null,
    manifest: manifest.toString("base64"),
    signature: signMinisig(manifest, secretKey, { trustedComment: "1.5.0" }),
  };
  work = { kind: "none" };
  told = [];
  left = undefined;
});
afterEach(async () => {
  await updater.stop();
  await rm(folder, { recursive: true, force: true });
});

/** The server as far as an updater sees it: it hears reports, and has the bundle. */
const server = {
  connected: true,
  call: (
    _name: string,
    {
      body,
    }: {
      body: { facts: { newest: string | null }; update: { step: string; code: string } | null };
    },
  ) => {
    newest = body.facts.newest;
    if (body.update !== null) told.push(body.update.code ?? body.update.step);
    return Promise.resolve({ status: 204, body: null });
  },
  updatePart: (_sha256: string, offset: number) =>
    offset > archive.length
      ? Promise.reject(new FlashlineError("agent.image_unavailable"))
      : Promise.resolve(archive.subarray(offset)),
} as unknown as ServerLink;

async function start(patienceMs = 60_000, keys = [publicKey]): Promise<void> {
  const launched = { launcher: 1, versions, started: "package" };
  updater = startUpdater({
    opened: await openUpdates(launched, "1.4.2"),
    version: "1.4.2",
    link: server,
    log,
    patienceMs,
    keys: () => Promise.resolve(keys),
    wanted: () => wanted,
    work: () => work,
    onChange: () => undefined,
    leave(last) {
      left = last;
    },
  });
}
const switched = () => vi.waitFor(() => expect(left).toBeDefined(), 10_000);
const isTold = (word: string) => vi.waitFor(() => expect(told).toContain(word), 10_000);
const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

it("waits for the unit in work, blocks new ones only for the switch, and names the new version last", async () => {
  work = BUSY;
  await start();
  await isTold("waiting");
  await pause(700);
  expect([updater.blocks, left]).toEqual([false, undefined]);
  work = { kind: "none" };
  await switched();
  expect(updater.blocks).toBe(true);
  await expect(readFile(join(versions, "current"))).rejects.toThrow("ENOENT");
  await left?.();
  expect(await readFile(join(versions, "current"), "utf8")).toMatch(
    /^1\.5\.0-\w{12} trial 0 package\n$/,
  );
  expect(told.at(-1)).toBe("switching");
});

it("starts no new unit after a while, so that the ones in work come to their end", async () => {
  work = BUSY;
  await start(300);
  await vi.waitFor(() => expect(updater.blocks).toBe(true), 10_000);
  expect(updater.view).toEqual({ isTrial: false, nest: "2" });
  await pause(700);
  expect(left).toBeUndefined();
  // Nothing is cut off any more: who waits for START scans again.
  work = READY;
  await switched();
});

it("lets units start again when the update is not wanted any more", async () => {
  work = BUSY;
  await start(0);
  await vi.waitFor(() => expect(updater.blocks).toBe(true), 10_000);
  wanted = null;
  await vi.waitFor(() => expect(updater.blocks).toBe(false), 10_000);
  work = { kind: "none" };
  await pause(700);
  expect(left).toBeUndefined();
});

it("remembers over a restart which version was the newest, and is not turned back behind it", async () => {
  await start();
  await updater.confirmed();
  await switched();
  await updater.stop();
  // The new one was healthy, and root or the launcher went back since.
  await noteHealthy(versions, "1.6.0");
  told = [];
  left = undefined;
  wanted = { ...(wanted as WantedUpdate), id: "019f0000-0000-7000-8000-000000000002" };
  await start();
  await isTold("update.rollback");
  expect(newest).toBe("1.6.0");
  expect(await readFile(join(versions, "newest"), "utf8")).toBe("1.6.0\n");
  await updater.confirmed();
  expect(await readFile(join(versions, "newest"), "utf8")).toBe("1.6.0\n");
  expect(left).toBeUndefined();
});

it("tells why it takes no update, and does not try it again", async () => {
  await start(0, [generateKeyPair().publicKey]);
  await isTold("release.key_unknown");
  updater.changed();
  await pause(700);
  expect([left, told]).toEqual([undefined, ["release.key_unknown"]]);
});
