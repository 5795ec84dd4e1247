import { createHash } from "node:crypto";
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { readException } from "@flashline/contract";
import { formatSecretKey, generateKeyPair, verifyMinisig } from "@flashline/signing";
import { afterAll, expect, test } from "vitest";
import { runCommand } from "../testing.ts";

/** `exception sign`: offline, and nothing is signed that the server would refuse by itself. */
const folder = mkdtempSync(join(tmpdir(), "flashline-exception-"));
const keys = generateKeyPair();
const path = (name: string) => join(folder, name);
const manifest = Buffer.from(
  JSON.stringify({
    schema: 1,
    product: "U2C",
    chip: "STM32F407",
    version: "1.0.0",
    counter: 1,
    images: [{ name: "app.bin", sha256: "a".repeat(64), size: 4096 }],
  }),
);
writeFileSync(path("team.key"), formatSecretKey(keys.secretKey));
writeFileSync(path("manifest.json"), manifest);
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const LIFT = ["--lift", "release.expired"];
async function sign(...words: readonly string[]) {
  for (const name of ["x.json", "x.json.minisig"]) rmSync(path(name), { force: true });
  const run = await runCommand([
    ...["exception", "sign", path("manifest.json"), "--key", path("team.key")],
    ...["--out", path("x.json"), "--reason", "repair 4711", ...words],
  ]);
  expect(existsSync(path("x.json.minisig"))).toBe(run.exit === 0);
  return run;
}

test("signs what it says for the manifest's bytes, with serials as units have them", async () => {
  const until = new Date(Date.now() + 86_400_000).toISOString();
  const run = await sign(
    ...[...LIFT, "--serial", " u2c 42", "--serial", "U2C-43", "--until", until],
    ...["--station", "REP-01", "--plant", "Graz"],
  );
  expect([run.exit, run.error]).toEqual([0, ""]);
  const bytes = readFileSync(path("x.json"));
  const exception = readException(bytes.toString("utf8"));
  expect(exception).toMatchObject({
    product: "U2C",
    version: "1.0.0",
    lifts: ["release.expired"],
    until,
    manifestSha256: createHash("sha256").update(manifest).digest("hex"),
    units: { serials: ["U2C-42", "U2C-43"] },
    plant: "Graz",
    stations: ["REP-01"],
    reason: "repair 4711",
  });
  const signature = readFileSync(path("x.json.minisig"), "utf8");
  const { trustedComment } = verifyMinisig(bytes, signature, keys.publicKey);
  expect(trustedComment).toContain(`exception ${exception.id} product U2C version 1.0.0`);
});

test("holds for seven days where nothing else is said", async () => {
  await sign(...LIFT, "--units", "3");
  const { from, until, units } = readException(readFileSync(path("x.json"), "utf8"));
  expect(Date.parse(until) - Date.parse(from)).toBe(7 * 86_400_000);
  expect(units).toEqual({ count: 3 });
});

test.each([
  ["no units", "--serial, or --units", []],
  ["both kinds of units", "--serial, or --units", ["--serial", "U2C-1", "--units", "2"]],
  ["too many units", "from 1 to 500", ["--units", "501"]],
  ["too long", "more than 30 days", ["--units", "1", "--until", "2999-01-01T00:00:00Z"]],
  [
    "one that is over",
    "ended at 2020-01-02",
    [...["--units", "1", "--from", "2020-01-01T00:00:00Z"], ...["--days", "1"]],
  ],
  ["no time", "is no time", ["--units", "1", "--from", "tomorrow"]],
  ["what it cannot lift", "release.counter_used", ["--units", "1", "--lift", "release.revoked"]],
])("signs nothing for %s", async (_what, says, words) => {
  const run = await sign(...LIFT, ...words);
  expect(run.exit).toBe(2);
  expect(run.error).toContain(says);
});
