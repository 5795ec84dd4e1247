import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { formatSecretKey, generateKeyPair } from "@flashline/signing";
import { afterAll, beforeAll, expect, test } from "vitest";
import { flashline, type Ran } from "./support/command.ts";
import { addPlant, firmware, PRODUCT } from "./support/plant.ts";
import { type Rig, runProcess, startRig } from "./support/rig.ts";

const SERVER = fileURLToPath(new URL("../../apps/server/bin/flashline-server.js", import.meta.url));

/** What a firmware team's CI does, with the real command line tool against a real server. */
let rig: Rig;
let token = "";
let read = "";

const release = (...args: readonly string[]): Promise<Ran> =>
  flashline(["release", ...args, "--json"], {
    cwd: rig.folder,
    env: { FLASHLINE_SERVER: rig.url, FLASHLINE_TOKEN: token },
  });

const sign = (version: string, counter: number, key = "team.key"): Promise<Ran> =>
  release(
    ...["sign", "firmware.bin", "--product", PRODUCT, "--chip", "STM32F407", "--key", key],
    ...["--version", version, "--counter", String(counter)],
  );

async function addToken(name: string, scopes: readonly string[]): Promise<string> {
  const args = ["token", "add", name, ...scopes.flatMap((scope) => ["--scope", scope])];
  const { code, output } = await runProcess(SERVER, args, {
    FLASHLINE_DATA: join(rig.folder, "server"),
    FLASHLINE_PORT: new URL(rig.url).port,
  });
  expect(code, output).toBe(0);
  return output.split(/\s+/).findLast((word) => /^[\w-]{24,}$/.test(word)) ?? "";
}

beforeAll(async () => {
  rig = await startRig();
  await addPlant(rig);
  // As the guide for operations has it.
  token = await addToken("ci", ["releases:publish", "releases:promote"]);
  read = await addToken("reader", ["read"]);
  writeFileSync(join(rig.folder, "firmware.bin"), firmware(9001, 3));
  writeFileSync(join(rig.folder, "team.key"), formatSecretKey(rig.secretKey));
});
afterAll(() => rig.close());

test("sign, publish, promote, list, revoke", async () => {
  expect((await sign("2.0.0", 1)).code).toBe(0);
  const published = await release("publish");
  expect(published.stdout, published.stderr).toContain('"check":"passed"');
  expect(published.code).toBe(0);
  expect(published.last).toMatchObject({ state: "draft", version: "2.0.0", counter: 1 });
  const again = await release("publish");
  expect([again.code, again.last["id"]]).toEqual([0, published.last["id"]]);
  const promoted = await release("promote", `${PRODUCT}@2.0.0`);
  expect(promoted.last).toMatchObject({ event: "release", state: "released" });
  const revoked = await release("revoke", `${PRODUCT}@2.0.0`, "--reason", "wrong offset");
  expect(revoked.last).toMatchObject({ state: "revoked", revokedReason: "wrong offset" });
  const { events } = await release("list", "--product", PRODUCT);
  expect(events.map(({ version, state }) => [version, state])).toEqual([["2.0.0", "revoked"]]);
});

test("a stranger's key, a changed manifest, a used counter and a token without the right are refused", async () => {
  const stranger = generateKeyPair();
  writeFileSync(join(rig.folder, "stranger.key"), formatSecretKey(stranger.secretKey));
  await sign("2.1.0", 2, "stranger.key");
  const unknown = await release("publish");
  expect([unknown.code, unknown.last["code"]]).toEqual([1, "release.key_unknown"]);

  await sign("2.1.0", 2);
  const manifest = join(rig.folder, "manifest.json");
  const signed = readFileSync(manifest, "utf8");
  writeFileSync(manifest, signed.replace('"counter": 2', '"counter": 3'));
  const changed = await release("publish");
  expect([changed.code, changed.last["code"]]).toEqual([1, "release.signature_invalid"]);

  await sign("2.2.0", 1);
  const used = await release("publish");
  expect([used.code, used.last["code"] ?? used.last["checkCode"]]).toEqual([
    1,
    "release.counter_used",
  ]);

  await sign("2.3.0", 9);
  const reader = await release("publish", "--token", read);
  expect([reader.code, reader.last["code"]]).toEqual([1, "auth.forbidden"]);
  const wrong = await release("list", "--token", "wrong");
  expect([wrong.code, wrong.last["code"]]).toEqual([1, "auth.required"]);
});

test("a file that is no longer what was signed is not uploaded", async () => {
  await sign("2.4.0", 20);
  writeFileSync(join(rig.folder, "firmware.bin"), firmware(9001, 4));
  const { code, last } = await release("publish");
  expect([code, last["code"]]).toEqual([2, "release.image_digest"]);
});

test("an unknown unit is named as such", async () => {
  const { code, last } = await flashline([
    "unit",
    "show",
    "MC2-999999",
    "--server",
    rig.url,
    "--token",
    read,
    "--json",
  ]);
  expect([code, last["code"]]).toEqual([1, "preflight.unknown_serial"]);
});
