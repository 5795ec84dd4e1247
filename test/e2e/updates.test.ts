// The agent updates itself: real server, real agents under the package's launcher, bundles of a changed version.
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { chmod, cp, mkdir, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { createClient, describeStationUpdate, PROTOCOL_HEADER } from "@flashline/contract";
import { formatPublicKey, generateKeyPair, signMinisig } from "@flashline/signing";
import { afterAll, beforeAll, expect, it } from "vitest";
import { fillApp } from "../../scripts/debian/build.mjs";
import { packUpdate } from "../../scripts/update/build.mjs";
import { giveAway, installPackage, type Supervised, supervise } from "./support/packaged.ts";
import { addPlant, addRelease, firmware, LINE, PRODUCT } from "./support/plant.ts";
import { type Rig, startRig, until } from "./support/rig.ts";
import { startStation, type TestStation } from "./support/station.ts";

const NAME = "ST-U";
/** Several starts of an agent, on a machine that does more. */
const LONG_MS = 240_000;
const key = generateKeyPair();

let rig: Rig;
let station: TestStation;
let agent: Supervised;
/** The program of the package, version 1.0.0. */
let base: string;
let versions: string;

beforeAll(async () => {
  rig = await startRig();
  // Another account goes through it.
  await chmod(rig.folder, 0o755);
  await addPlant(rig);
  await addRelease(rig, "1.0.0", 1, firmware(256 * 1024, 7));
  base = join(rig.folder, "base");
  await fillApp("agent", base, "1.0.0");
  const launcher = await installPackage(join(rig.folder, "package"), base);
  versions = join(rig.folder, "versions");
  const keys = join(rig.folder, "update-keys");
  await mkdir(keys);
  await writeFile(join(keys, "update.pub"), formatPublicKey(key.publicKey));
  const order = { number: "WO-U", product: PRODUCT, version: "1.0.0", quantity: 20 };
  station = await startStation(rig, { name: NAME, line: LINE, order, speed: 4 });
  await station.endAgent();
  await mkdir(versions);
  for (const folder of [versions, station.dataDir]) giveAway(folder);
  agent = supervise(launcher, ["run", "--usbip", station.usbip, "--clock-speed", "4"], {
    ...station.env,
    FLASHLINE_VERSIONS: versions,
    FLASHLINE_UPDATE_KEYS: keys,
    FLASHLINE_HEALTH_S: "15",
  });
  await runs("1.0.0");
}, LONG_MS);

afterAll(async () => {
  await agent?.stop();
  await station?.close();
  await rig?.close();
});

const runs = (version: string) =>
  until(
    `${version} runs, and takes units`,
    async () => {
      const view = await station.view().catch(() => undefined);
      return (view?.agentVersion === version && view.update === null) || undefined;
    },
    90_000,
    agent.output,
  );

/** Publishes the package's program as another version; `change` spoils it. */
async function publish(
  version: string,
  change?: (folder: string) => Promise<void>,
  more: { readonly downgradeFrom?: string } = {},
) {
  const folder = join(rig.folder, `program-${version}`);
  await cp(base, folder, { recursive: true });
  const manifest = join(folder, "apps/agent/package.json");
  const before = await readFile(manifest, "utf8");
  await writeFile(manifest, before.replace('"1.0.0"', JSON.stringify(version)));
  await change?.(folder);
  const made = await packUpdate(folder, {
    version,
    out: join(rig.folder, "updates"),
    epoch: 1_764_000_000,
    node: process.versions.node,
    ...more,
  });
  await rm(folder, { recursive: true });
  const bytes = await readFile(made);
  await rig.api("uploadImage", { body: await readFile(made.replace(/json$/, "tar.gz")) });
  const signature = signMinisig(bytes, key.secretKey, { trustedComment: version });
  const publicKey = formatPublicKey(key.publicKey);
  const body = { manifest: bytes.toString("base64"), signature, publicKey };
  return (await rig.api("addUpdate", { body })).body;
}

const push = (version: string, downgrade = false) =>
  rig.api("pushUpdate", {
    body: {
      version,
      stations: [NAME],
      reason: "for the test",
      ...(downgrade ? { downgrade: version } : {}),
    },
  });

/** Says to the server in the station's name that its agent remembers no newest version. */
async function hideNewest(): Promise<void> {
  const { body } = await rig.api("stationVersions", {});
  const facts = body.find((one) => one.station === NAME)?.facts;
  if (!facts) throw new RangeError("the server does not know the station's facts");
  expect(facts.newest).toBe("1.3.0");
  const text = await readFile(join(station.dataDir, "station.json"), "utf8");
  const { credential }: { readonly credential: string } = JSON.parse(text);
  const headers = () => ({ authorization: `Bearer ${credential}`, [PROTOCOL_HEADER]: "1" });
  const asStation = createClient<AbortSignal>({ baseUrl: rig.url, fetch, headers });
  await asStation("reportUpdate", { body: { facts: { ...facts, newest: null }, update: null } });
}

async function told(): Promise<string> {
  const { body } = await rig.api("stationVersions", {});
  const update = body.find((one) => one.station === NAME)?.update;
  return update ? describeStationUpdate(update, true) : "nothing";
}
const says = (words: string) =>
  until(
    `the server says: ${words}`,
    async () => ((await told()) === words ? true : undefined),
    90_000,
    () => agent.output(),
  );

const current = () => {
  try {
    return readFileSync(join(versions, "current"), "utf8").trim();
  } catch {
    return "";
  }
};
const folders = () => readdirSync(versions).filter((name) => /^\d/.test(name));

it("waits for the unit in work, then runs as the new version, and the old one is kept", {
  timeout: LONG_MS,
}, async () => {
  await until("the server knows that it can take updates", async () => {
    const { body } = await rig.api("stationVersions", {});
    return body.find((one) => one.station === NAME)?.facts?.launcher === 1 || undefined;
  });
  await publish("1.1.0");
  await station.tell("scan", { text: "FL-NEST-1" });
  await station.tell("scan", { text: "MC2-000001" });
  await station.untilNest("1", "ready");
  await push("1.1.0");
  await says("waiting for the unit in nest 1");
  await station.tell("start", { nest: "1" });
  await station.untilNest("1", "busy");
  await pause(1_500);
  expect([await told(), (await station.view()).agentVersion]).toEqual([
    "waiting for the unit in nest 1",
    "1.0.0",
  ]);
  await station.untilNest("1", "pass");
  await runs("1.1.0");
  await says("runs 1.1.0");
  expect(agent.ends()).toEqual(["75"]);
  expect(current()).toMatch(/^1\.1\.0-[0-9a-f]{12} good 0 package$/);
  await station.replaceUnit("2");
  expect((await station.flash("2", "MC2-000002")).state).toBe("pass");
});

it("goes back by itself from a version that does not start, and does not try it again", {
  timeout: LONG_MS,
}, async () => {
  await publish("1.2.0", (folder) =>
    writeFile(join(folder, "main.mjs"), "console.error('sick'); process.exit(3);"),
  );
  await push("1.2.0");
  await says("1.2.0 did not start: went back to 1.1.0");
  await runs("1.1.0");
  expect(agent.ends().slice(1)).toEqual(["75", "3", "3", "3"]);
  // It is not tried again.
  const ends = agent.ends().length;
  await pause(3_000);
  expect(agent.ends()).toHaveLength(ends);
  const [alarm] = await until("an alarm tells of it", async () => {
    const { body } = await rig.api("alarms", { query: { rule: "update.failed" } });
    return body.length > 0 ? body : undefined;
  });
  expect(alarm?.message).toContain("ST-U did not take 1.2.0 and runs 1.1.0");
  const [pushed] = (await rig.api("pushes", {})).body;
  expect(pushed?.state).toBe("stopped");
});

it("comes through kill -9 at every step, and is the new version in the end", {
  timeout: LONG_MS,
}, async () => {
  const update = await publish("1.3.0");
  const name = `1.3.0-${update.sha256.slice(0, 12)}`;
  const part = join(versions, ".incoming", `${update.sha256}.part`);
  const steps: Readonly<Record<string, () => boolean>> = {
    "the bundle comes in": () => existsSync(part),
    "the bundle is unpacked": () => existsSync(join(versions, ".incoming", name)),
    "the version is there": () => existsSync(join(versions, name, "app/main.mjs")),
    "the switch is written": () => current().startsWith(`${name} trial`),
    "the new version starts": () => current().startsWith(`${name} trial 1`),
  };
  const hit: string[] = [];
  await push("1.3.0");
  for (const [step, isThere] of Object.entries(steps)) {
    // As long as it is not over: a step may be shorter than a look.
    while (!isThere() && !current().startsWith(`${name} good`)) await pause(1);
    if (isThere()) hit.push(step);
    await agent.kill();
  }
  process.stdout.write(`killed while ${hit.join(", ")}\n`);
  expect(hit).toContain("the version is there");
  await runs("1.3.0");
  await says("runs 1.3.0");
  expect(current()).toMatch(/^1\.3\.0-\w+ good 0 1\.1\.0-\w+$/);
  // What nobody goes back to is gone.
  expect(folders().sort()).toEqual([expect.stringMatching(/^1\.1\.0-/), name]);
});

it("goes back from one that hangs", {
  timeout: LONG_MS,
}, async () => {
  await publish("1.4.0", (folder) => writeFile(join(folder, "main.mjs"), "for (;;);"));
  await push("1.4.0");
  await says("1.4.0 did not start: went back to 1.3.0");
  expect(agent.ends().slice(-3)).toEqual(["SIGKILL", "SIGKILL", "SIGKILL"]);
  await runs("1.3.0");
});

it("is not turned back to a version that was signed once, unless who signed it allows that", {
  timeout: LONG_MS,
}, async () => {
  expect(readFileSync(join(versions, "newest"), "utf8")).toBe("1.3.0\n");
  const [old] = (await rig.api("updates", {})).body.filter(({ version }) => version === "1.1.0");
  // A good server does not even send it. Another one would, and so does this one to an agent that does not tell what it ran.
  await expect(push("1.1.0", true)).rejects.toMatchObject({
    refusal: { code: "update.none_takes" },
  });
  await hideNewest();
  await push("1.1.0", true);
  await says(
    "1.1.0 was refused: The update is older than the newest version that ever ran on the PC, and who signed it does not allow going back from that one. It runs 1.3.0.",
  );
  expect(current()).toMatch(/^1\.3\.0-/);
  await rig.api("withdrawUpdate", {
    params: { id: old?.id ?? "" },
    body: { reason: "signed anew" },
  });
  await publish("1.1.0", undefined, { downgradeFrom: "1.3.0" });
  await push("1.1.0", true);
  await says("runs 1.1.0");
  await runs("1.1.0");
  // It stays the newest that ran: another old version needs a word of its own.
  expect(readFileSync(join(versions, "newest"), "utf8")).toBe("1.3.0\n");
});
