// The agent's Debian package on a bare Debian with a real systemd: from nothing to the first PASS by the commands of docs/station.md,
// against a server on the host; then upgraded, updated from the server, downgraded, removed and purged. What was flashed must still be known.
import { mkdir, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describeStationUpdate, NestView } from "@flashline/contract";
import { formatPublicKey, generateKeyPair, signMinisig } from "@flashline/signing";
import {
  createVirtualUnit,
  partByName,
  scaledClock,
  serveUsbRedir,
  type VirtualUnit,
} from "@flashline/virtual-stm32";
import { afterAll, beforeAll, expect, test } from "vitest";
import { bundleWhole } from "../../scripts/bundle.mjs";
import { fillApp } from "../../scripts/debian/build.mjs";
import { packUpdate } from "../../scripts/update/build.mjs";
import { type BarePc, bootBarePc, NEW, OLD, PATIENCE_MS, STEP_MS } from "./harness/bare-pc.ts";
import { firmware } from "./harness/images.ts";
import { type ServerProcess, startServer } from "./harness/plant.ts";
import { ControllerModel } from "./harness/usb.ts";

const DOCUMENT = join(import.meta.dirname, "../../docs/station.md");
const SERIALS = ["SN-000001", "SN-000002"];
const NODE = "/usr/lib/flashline-agent/bin/node";
const DATA = "/var/lib/flashline-agent";
const image = firmware(64 * 1024, 7);

const newUnit = () =>
  createVirtualUnit({ part: partByName("f407"), clock: scaledClock(1), timing: "typical" });
const units: readonly VirtualUnit[] = [newUnit(), newUnit()];
let wires: readonly Awaited<ReturnType<typeof serveUsbRedir>>[] = [];
let server: ServerProcess;
let pc: BarePc;

beforeAll(async () => {
  wires = await Promise.all(units.map((unit) => serveUsbRedir({ unit, port: 0 })));
  const redirected = wires.map(({ port }, index) => ({
    port,
    controller: ControllerModel.Nec,
    rootPort: 3 + index,
  }));
  pc = await bootBarePc("agent", { redirected });
  const operator = await bundleWhole("test", "vm/guest/operator.ts", "operator");
  await writeFile(join(pc.machine.folder, "operator.mjs"), await readFile(operator));

  server = await startServer();
  const { call } = server;
  await call("addPlant", { body: { name: "Graz", timeZone: "Europe/Vienna" } });
  await call("addLine", { body: { name: "L1", plant: "Graz" } });
  await call("addProduct", { body: { name: "U2C", chip: "STM32F407" } });
  await call("addUnits", { body: { product: "U2C", batch: "B1", serials: SERIALS } });
  const described = { product: "U2C", chip: "STM32F407", version: "1.0.0", counter: 1 };
  await server.release({ ...described, name: "u2c.bin", image });
}, STEP_MS);

afterAll(async () => {
  await pc?.stop();
  await Promise.all(wires.map((wire) => wire.close()));
  await server?.stop();
});

/** The commands of the guide, with what is different at each plant put in. */
async function documented(values: Readonly<Record<string, string>>): Promise<string[]> {
  const text = await readFile(DOCUMENT, "utf8");
  let block = /<!-- first pass: .*? -->\s+```\n([\s\S]*?)```/.exec(text)?.[1] ?? "";
  for (const [from, to] of Object.entries(values)) {
    expect(block).toContain(from);
    block = block.replace(from, to);
  }
  return block.trim().split("\n");
}

const attempts = async () => (await server.call("attempts", { query: {} })).body;
const serials = async () => (await attempts()).map(({ serial }) => serial).sort();
const versionNow = () => pc.guest("flashline-agent --version");
const doctor = async () => (await pc.machine.run("flashline-agent doctor")).stdout;

test("six commands lead from a bare PC to the first PASS", { timeout: STEP_MS }, async () => {
  expect((await pc.machine.run("command -v node nodejs")).status).not.toBe(0);
  const { body } = await server.call("addStation", { body: { name: "L1-01", line: "L1" } });
  await server.call("addWorkOrder", {
    body: { number: "WO-1", product: "U2C", version: "1.0.0", quantity: 2, stations: ["L1-01"] },
  });
  // Where root alone may read it, as a download in a home folder.
  await writeFile(join(pc.machine.folder, "release.pub"), server.publicKey);
  await pc.guest("install -m 0600 /vm/release.pub /root/release.pub");

  const file = { "./flashline-agent_0.1.0_amd64.deb": pc.deb(OLD) };
  const [install = "", look = ""] = await documented(file);
  await pc.guest(install);
  const before = (await pc.machine.run(look)).stdout;
  const ports = [...before.matchAll(/^ok +unit +(\d[\d.-]*): /gm)].map(([, port]) => port ?? "");
  expect(ports, before).toHaveLength(2);
  const commands = await documented({
    ...file,
    "https://flashline.plant:8370": `http://10.0.2.2:${server.port}`,
    TOKEN: body.token,
    "release.pub": "/root/release.pub",
    "3-1.1": ports[0] ?? "",
    "3-1.2": ports[1] ?? "",
  });
  expect(commands).toHaveLength(6);
  for (const command of commands.slice(2, 4)) await pc.guest(command);
  const after = await pc.guest(commands[4] ?? "");
  expect(after).toContain("This PC can flash.");
  // By the package's rules, for units and hubs.
  expect(after).toContain("This user may open the units that are plugged in.");
  expect(after).not.toContain("cannot be asked");
  const page = /^xdg-open (\S+)$/.exec(commands[5] ?? "")?.[1];
  const ask = `fetch("${page}").then((answer) => answer.text()).then(console.log)`;
  expect(await pc.guest(`${NODE} -e '${ask}'`)).toContain("<script");
  const lines = await pc.guest(`${NODE} /vm/operator.mjs ${SERIALS[0]} 1`);
  const last = lines.trim().split("\n").at(-1) ?? "";
  expect(NestView.parse(JSON.parse(last)), lines).toMatchObject({ state: "pass", refusal: null });
  await expect.poll(serials, { timeout: PATIENCE_MS }).toEqual(SERIALS.slice(0, 1));
  const flashed = units[0]?.flash.snapshot().subarray(0, image.length) ?? Buffer.of();
  expect(Buffer.compare(flashed, image)).toBe(0);
});

test("the service runs as an account of its own, and may do little", {
  timeout: STEP_MS,
}, async () => {
  const service = "flashline-agent.service";
  const user = await pc.guest(`stat -c %U /proc/$(systemctl show -P MainPID ${service})`);
  expect(user).toBe("flashline-agent\n");
  expect(await pc.guest(`systemctl is-enabled ${service}`)).toBe("enabled\n");
  expect(await pc.guest(`journalctl -u ${service} -o cat`)).toContain('"msg":"station page"');
  const figures = await pc.guest(`systemd-analyze security --no-pager ${service} | tail -1`);
  process.stdout.write(figures);
  const exposure = /service: ([\d.]+)/.exec(figures)?.[1];
  expect(Number(exposure)).toBeLessThanOrEqual(2);
});

test("an upgrade keeps what is recorded, and a unit in work comes to its end", {
  timeout: STEP_MS,
}, async () => {
  await pc.guest(`dpkg -i ${pc.deb(NEW)}`);
  expect(await versionNow()).toBe(`${NEW}\n`);
  expect(await serials()).toEqual(SERIALS.slice(0, 1));
  const flashing = pc.guest(`${NODE} /vm/operator.mjs ${SERIALS[1]} 2`);
  const erases = () => units[1]?.counters.erases ?? 0;
  await expect.poll(erases, { timeout: PATIENCE_MS, interval: 20 }).toBeGreaterThan(0);
  // What dpkg does to a service that runs.
  await pc.guest("deb-systemd-invoke restart flashline-agent.service");
  await expect.poll(serials, { timeout: PATIENCE_MS }).toEqual(SERIALS);
  const details = await Promise.all(
    (await attempts()).map(async ({ id }) => {
      const { body } = await server.call("attempt", { params: { id } });
      return [body.serial, body.outcome, body.agentVersion];
    }),
  );
  expect(details.sort()).toEqual([
    [SERIALS[0], "PASS", OLD],
    [SERIALS[1], "PASS", NEW],
  ]);
  await flashing;
});

/** Builds a version as an update, signs and publishes it; `main` takes the place of its program. */
async function publishUpdate(
  version: string,
  key: ReturnType<typeof generateKeyPair>,
  main?: string,
): Promise<void> {
  const folder = join(pc.machine.folder, `update-${version}`);
  await mkdir(folder);
  await fillApp("agent", folder, version);
  if (main !== undefined) await writeFile(join(folder, "main.mjs"), main);
  const made = await packUpdate(folder, { version, out: `${folder}-out`, epoch: 1_764_000_000 });
  await rm(folder, { recursive: true });
  const bytes = await readFile(made);
  await server.call("uploadImage", { body: await readFile(made.replace(/json$/, "tar.gz")) });
  const signature = signMinisig(bytes, key.secretKey, { trustedComment: version });
  const publicKey = formatPublicKey(key.publicKey);
  const body = { manifest: bytes.toString("base64"), signature, publicKey };
  await server.call("addUpdate", { body });
  await server.call("pushUpdate", {
    body: { version, stations: ["L1-01"], reason: "for the test" },
  });
}
async function toldOfUpdate(): Promise<string> {
  const { body } = await server.call("stationVersions", {});
  const update = body.find(({ station }) => station === "L1-01")?.update;
  return update ? describeStationUpdate(update, true) : "nothing";
}

test("an update from the server runs under systemd, and one that does not start goes back", {
  timeout: STEP_MS,
}, async () => {
  const key = generateKeyPair();
  await writeFile(join(pc.machine.folder, "update.pub"), formatPublicKey(key.publicKey));
  await pc.guest("install -D -m 0644 /vm/update.pub /etc/flashline/update-keys/update.pub");
  // An emulated machine starts an agent slowly.
  const drop = "/etc/systemd/system/flashline-agent.service.d";
  await pc.guest(
    `mkdir -p ${drop} && printf '[Service]\\nEnvironment=FLASHLINE_HEALTH_S=600\\n' > ${drop}/slow.conf`,
  );
  await pc.guest("systemctl daemon-reload && systemctl restart flashline-agent");
  const said = () => pc.guest("journalctl -u flashline-agent -o cat -n 60 --no-pager");
  const tells = async (words: string) => {
    await expect
      .poll(toldOfUpdate, { timeout: PATIENCE_MS, interval: 500 })
      .toBe(words)
      .catch(async (error: unknown) => {
        throw new Error(await said(), { cause: error });
      });
  };
  const current = () => pc.guest("cat /var/lib/flashline/versions/current");
  const { keyId } = key.publicKey;
  const pinned = async () => {
    const { body } = await server.call("stationVersions", {});
    return body.find(({ station }) => station === "L1-01")?.facts?.keys ?? [];
  };
  await expect.poll(pinned, { timeout: PATIENCE_MS, interval: 500 }).toContain(keyId);

  await publishUpdate("1.2.0", key);
  await tells("runs 1.2.0");
  expect(await current()).toMatch(/^1\.2\.0-[0-9a-f]{12} good 0 package\n$/);
  const started = "tr '\\0' ' ' < /proc/$(systemctl show -P MainPID flashline-agent)/cmdline";
  expect(await pc.guest(started)).toContain("/var/lib/flashline/versions/1.2.0-");
  // What root runs is the package's.
  expect(await versionNow()).toBe(`${NEW}\n`);

  await publishUpdate("1.3.0", key, "console.error('sick'); process.exit(3);");
  await tells("1.3.0 did not start: went back to 1.2.0");
  expect(await current()).toMatch(/^1\.2\.0-[0-9a-f]{12} good 0 /);
  expect(await pc.guest("systemctl is-active flashline-agent")).toBe("active\n");
  expect(await pc.guest(started)).toContain("/var/lib/flashline/versions/1.2.0-");
});

test("a downgrade goes back to the old version, which goes on", { timeout: STEP_MS }, async () => {
  // What no server may turn back, root may.
  const newest = () => pc.guest("cat /var/lib/flashline/versions/newest || true");
  // The update of before.
  await expect.poll(newest, { timeout: PATIENCE_MS, interval: 1000 }).toBe("1.2.0\n");
  await pc.guest(`apt-get install -y --allow-downgrades ${pc.deb(OLD)}`);
  expect(await versionNow()).toBe(`${OLD}\n`);
  await expect.poll(newest, { timeout: PATIENCE_MS, interval: 1000 }).toBe(`${OLD}\n`);
  expect(await pc.guest("systemctl is-active flashline-agent")).toBe("active\n");
  await expect
    .poll(doctor, { timeout: PATIENCE_MS, interval: 1000 })
    .toContain("This PC can flash.");
});

test("removed it leaves data and settings; purged it leaves what was recorded", {
  timeout: STEP_MS,
}, async () => {
  await pc.guest("apt-get remove -y flashline-agent");
  expect((await pc.machine.run("systemctl is-active flashline-agent")).stdout).not.toBe("active\n");
  expect(await pc.guest("ls /etc/flashline")).toBe("agent.json\nupdate-keys\n");
  expect(await pc.guest(`ls ${DATA}`)).toContain("station.json");
  const journal = await pc.guest(`cat ${DATA}/journal.jsonl`);
  expect(journal).not.toBe("");
  const said = await pc.guest("dpkg --purge flashline-agent");
  expect(said).toContain("still holds the journal and results");
  // No package brought the key.
  expect((await pc.machine.run("ls /etc/flashline")).stdout).toBe("update-keys\n");
  const left = (await pc.guest(`ls ${DATA}`)).split("\n");
  for (const name of ["station.json", "keys", "images"]) expect(left).not.toContain(name);
  expect(await pc.guest(`cat ${DATA}/journal.jsonl`)).toBe(journal);
  const leftUnits = await pc.guest("systemctl list-unit-files --no-pager 'flashline-*' || true");
  expect(leftUnits).toContain("0 unit files");
});
