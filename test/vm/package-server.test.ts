// The server's Debian package, with its embedded PostgreSQL, on a bare Debian with a real systemd: installed, started, upgraded,
// downgraded, removed and purged. What was entered must still be there.
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { type Client, createClient } from "@flashline/contract";
import { freePort } from "@flashline/server/testing/ports";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type BarePc, bootBarePc, NEW, OLD, PATIENCE_MS, STEP_MS } from "./harness/bare-pc.ts";

const CONFIG = "/etc/flashline/server.json";
const DATA = "/var/lib/flashline-server";
const SERVICE = "flashline-server.service";
let pc: BarePc;
let url: string;
let call: Client<AbortSignal>;

beforeAll(async () => {
  const from = await freePort();
  url = `http://127.0.0.1:${from}`;
  pc = await bootBarePc("server", { forward: { from, to: 8370 } });
}, STEP_MS);

afterAll(() => pc?.stop());

const isReady = () =>
  fetch(`${url}/readyz`).then(
    ({ ok }) => ok,
    () => false,
  );
const untilReady = () => expect.poll(isReady, { timeout: PATIENCE_MS, interval: 500 }).toBe(true);
const plants = async () => (await call("plants", {})).body.map(({ name }) => name);
const versionNow = () => pc.guest("flashline-server --version");

test("installed it starts with the PC, for this PC alone until it is told", {
  timeout: STEP_MS,
}, async () => {
  await pc.guest(`dpkg -i ${pc.deb(OLD)}`);
  expect(await pc.guest(`systemctl is-enabled ${SERVICE}`)).toBe("enabled\n");
  expect(await pc.guest("flashline-server config")).toContain('"host": "127.0.0.1"');
  const settings = { FLASHLINE_DATA: DATA, FLASHLINE_HOST: "0.0.0.0" };
  await writeFile(join(pc.machine.folder, "server.json"), JSON.stringify(settings));
  await pc.guest(`cat /vm/server.json >${CONFIG}`);
  await pc.guest(`systemctl restart ${SERVICE}`);
  await untilReady();
  const said = await pc.guest(
    "flashline-server token add test --scope read --scope stations:write --scope orders:write",
  );
  const token = said.trim().split("\n").at(-1);
  const headers = () => ({ authorization: `Bearer ${token}` });
  call = createClient<AbortSignal>({ baseUrl: url, fetch, headers });
  await call("addPlant", { body: { name: "Graz", timeZone: "Europe/Vienna" } });
  const page = await fetch(url, { headers: { accept: "text/html" } });
  expect(await page.text()).toContain("<script");
});

test("the service runs as an account of its own, and may do little", {
  timeout: STEP_MS,
}, async () => {
  const user = await pc.guest(`stat -c %U /proc/$(systemctl show -P MainPID ${SERVICE})`);
  expect(user).toBe("flashline-server\n");
  const figures = await pc.guest(`systemd-analyze security --no-pager ${SERVICE} | tail -1`);
  process.stdout.write(figures);
  expect(Number(/service: ([\d.]+)/.exec(figures)?.[1])).toBeLessThanOrEqual(2);
  expect(await pc.guest(`stat -c '%a %G' ${CONFIG}`)).toBe("640 flashline-server\n");
});

test.each([
  ["an upgrade", NEW],
  ["a downgrade", OLD],
])("%s keeps settings and data", { timeout: STEP_MS }, async (_, version) => {
  await pc.guest(`dpkg -i ${pc.deb(version)}`);
  expect(await versionNow()).toBe(`${version}\n`);
  await untilReady();
  expect(await plants()).toEqual(["Graz"]);
  expect(await pc.guest(`cat ${CONFIG}`)).toContain("0.0.0.0");
});

test("removed and purged it leaves the data", { timeout: STEP_MS }, async () => {
  await pc.guest("dpkg --remove flashline-server");
  expect((await pc.machine.run(`systemctl is-active ${SERVICE}`)).stdout).not.toBe("active\n");
  // The embedded PostgreSQL ended with it.
  expect(await pc.guest("stat -c %U /proc/[0-9]* || true")).not.toContain("flashline-server");
  expect(await pc.guest("ls /etc/flashline")).toBe("server.json\n");
  expect(await pc.guest("dpkg --purge flashline-server")).toContain("still holds the database");
  expect((await pc.machine.run("ls /etc/flashline")).stdout).toBe("");
  expect(await pc.guest(`ls ${DATA}`)).toContain("postgres");
});
