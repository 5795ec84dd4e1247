import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { request } from "node:http";
import { tmpdir } from "node:os";
import path from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { createClient, LIVE_PATH } from "@flashline/contract";
import { afterAll, beforeAll, expect, test } from "vitest";
import { lineOf } from "../jobs/testing.ts";
import { eventsOf } from "../testing/events.ts";
import { freePort } from "../testing/ports.ts";
import { startRedis, type TestRedis } from "../testing/redis.ts";
import { eventually } from "../testing/refusal.ts";
import type { SeededStation } from "../testing/seed.ts";
import { startTestServer, type TestServer } from "../testing/server.ts";

const SHIPPED = new URL("../../../../deploy/nginx/flashline.conf", import.meta.url);

let redis: TestRedis;
let first: TestServer;
let second: TestServer;
let proxy: ChildProcess;
let folder: string;
let url: string;
let token: string;
let ended: Promise<void> | undefined;
const endSecond = () => (ended ??= second.close());

/** The configuration that is shipped, with these servers and ports in the place of those of the containers. */
function settings(port: number, servers: readonly string[]): string {
  const shipped = servers.reduce(
    (text, server, at) => text.replace(`server server-${at + 1}:8370`, `server ${server}`),
    readFileSync(SHIPPED, "utf8").replace("listen 80;", `listen 127.0.0.1:${port};`),
  );
  const kinds = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"];
  const places = kinds.map((kind) => `${kind}_temp_path ${folder}/${kind};`).join("\n");
  const user = process.getuid?.() === 0 ? "user root;" : "";
  return `${user} daemon off; worker_processes 1; pid ${folder}/pid; error_log stderr;
events {}
http { access_log off; ${places}
${shipped} }`;
}

beforeAll(async () => {
  redis = await startRedis();
  const environment = { FLASHLINE_TRUST_PROXY: "127.0.0.1" };
  first = await startTestServer({ redisUrl: redis.url, environment });
  second = await startTestServer({ redisUrl: redis.url, environment, replicaOf: first });
  const listening = [first, second].map(({ app }) => app.listen({ host: "127.0.0.1", port: 0 }));
  const servers = (await Promise.all(listening)).map((text) => new URL(text).host);
  folder = mkdtempSync(path.join(tmpdir(), "flashline-proxy-"));
  const port = await freePort();
  writeFileSync(path.join(folder, "nginx.conf"), settings(port, servers));
  const program = ["-p", folder, "-e", "stderr", "-c", path.join(folder, "nginx.conf")];
  proxy = spawn("/usr/sbin/nginx", program, { stdio: "ignore" });
  url = `http://127.0.0.1:${port}`;
  token = await first.tokenSecret("read");
  await eventually(
    () =>
      fetch(`${url}/readyz`).then(
        ({ status }) => status,
        () => 0,
      ),
    (status) => status === 200,
  );
});
afterAll(async () => {
  const gone = once(proxy, "exit");
  proxy.kill();
  await gone;
  await endSecond();
  await first.close();
  await redis.stop();
  rmSync(folder, { recursive: true, force: true });
});

const through = ({ credential }: SeededStation) =>
  createClient<AbortSignal>({
    baseUrl: url,
    headers: () => ({ authorization: `Bearer ${credential}` }),
    fetch: (to, init) => fetch(to, init as RequestInit),
  });

test("a unit is flashed through the proxy, and a page hears of it at once", async () => {
  const listening = new AbortController();
  const live = await fetch(`${url}${LIVE_PATH}`, {
    headers: { authorization: `Bearer ${token}` },
    signal: listening.signal,
  });
  expect(live.headers.get("content-type")).toContain("text/event-stream");
  let heard = "";
  const reading = (async () => {
    for await (const chunk of live.body ?? []) heard += Buffer.from(chunk).toString();
  })().catch(() => undefined);
  const { station } = first.seed;
  await lineOf(first, station, through(station)).flash("SN0001");
  await expect.poll(() => heard, { timeout: 10_000 }).toContain('"outcome":"PASS"');
  listening.abort();
  await reading;
});

test("the address of who asked is the one that limits and the ledger see", async () => {
  const payload = JSON.stringify({ name: "mallory", password: "wrong" });
  const asked = request(`${url}/v1/session`, {
    method: "POST",
    localAddress: "127.0.0.9",
    headers: { "content-type": "application/json", "x-forwarded-for": "10.0.0.1" },
  });
  asked.end(payload);
  const [answer] = await once(asked, "response");
  expect(answer.statusCode).toBe(401);
  answer.resume();
  const [event] = await eventsOf(first.platform.db.sql, "person.log-in-failed");
  expect(event).toMatchObject({ address: "127.0.0.9" });
});

test("when one of two servers ends, requests go on and waiting stations are answered", async () => {
  const ask = () => fetch(`${url}/v1/units`, { headers: { authorization: `Bearer ${token}` } });
  const stations = [];
  for (const name of ["P1", "P2", "P3", "P4"]) stations.push(await first.addStation(name));
  const body = { freeNests: ["A"], waitMs: 6_000 };
  const waiting = stations.map((station) => through(station)("acquire", { body }));
  // Half of them wait at each server.
  await pause(2_000);
  await endSecond();
  const answers = await Promise.all(Array.from({ length: 20 }, ask));
  expect(answers.map(({ status }) => status)).toEqual(answers.map(() => 200));
  expect((await Promise.all(waiting)).map(({ status }) => status)).toEqual(waiting.map(() => 204));
});
