// The Debian packages of agent and server, as a checkout builds them: what is in them, and that the programs run from where they are
// unpacked, with the Node.js that came along. How dpkg and systemd take them, test/vm/package-agent.test.ts and
// test/vm/package-server.test.ts show at night.
import { type ChildProcess, execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { createClient } from "@flashline/contract";
import { freePort } from "@flashline/server/testing/ports";
import { formatPublicKey, generateKeyPair } from "@flashline/signing";
import { chromium } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type Simulator, startSimulator } from "./support/command.ts";
import { until } from "./support/rig.ts";

const run = promisify(execFile);
const repository = fileURLToPath(new URL("../..", import.meta.url));
const VERSION = "7.8.9";
/** Half a gigabyte is written. */
const BUILD_MS = 300_000;

let folder: string;
const files: Record<string, string> = {};

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "flashline-packages-"));
  for (const file of await build(["agent", "server"])) {
    const app = /flashline-(\w+)_/.exec(file)?.[1] ?? "";
    files[app] = file;
    await run("dpkg-deb", ["-x", file, join(folder, app)]);
  }
}, BUILD_MS);

afterAll(() => rm(folder, { recursive: true, force: true }));

/** The files that were built. */
async function build(words: readonly string[] = []): Promise<string[]> {
  const script = join(repository, "scripts/package.mjs");
  const given = [script, "--out", folder, "--version", VERSION, ...words];
  const { stdout } = await run(process.execPath, given);
  return stdout.trim().split("\n");
}

const home = (app: string) => join(folder, app, `usr/lib/flashline-${app}`);
const unpacked = (app: string, path: string) => readFile(join(folder, app, path), "utf8");

describe.each(["agent", "server"])("the package of the %s", (app) => {
  it("holds what the system needs, for root alone to change", async () => {
    const { stdout } = await run("dpkg-deb", ["-c", files[app] ?? ""], { maxBuffer: 1 << 26 });
    const lines = stdout.trim().split("\n");
    const rootsAlone = /^(?:l.{9}|[d-].{4}-.{2}-.) root\/root /;
    const foreign = lines.filter((line) => !rootsAlone.test(line));
    expect(foreign).toEqual([]);
    for (const path of [
      `./etc/flashline/${app}.json`,
      `./usr/bin/flashline-${app}`,
      `./usr/lib/systemd/system/flashline-${app}.service`,
      `./usr/lib/sysusers.d/flashline-${app}.conf`,
      `./usr/share/doc/flashline-${app}/node.txt`,
    ]) {
      expect(lines.some((line) => line.endsWith(` ${path}`))).toBe(true);
    }
    const { stdout: settings } = await run("dpkg-deb", ["-I", files[app] ?? "", "conffiles"]);
    expect(settings).toBe(`/etc/flashline/${app}.json\n`);
  });

  it("has scripts that a shell takes, with every name filled in", async () => {
    const control = join(folder, `${app}-control`);
    await run("dpkg-deb", ["-e", files[app] ?? "", control]);
    const scripts = ["postinst", "prerm", "postrm"].map((name) => join(control, name));
    for (const script of [...scripts, join(folder, app, `usr/bin/flashline-${app}`)]) {
      expect(await readFile(script, "utf8")).not.toMatch(/@[A-Z]+@|#SERVICE#/);
      await run("sh", ["-n", script]);
    }
    expect(await readFile(join(control, "control"), "utf8")).toContain(`Version: ${VERSION}\n`);
  });

  it("knows nothing of the checkout that it was built in", async () => {
    const names = (await readdir(join(home(app), "app"))).filter((name) => name.endsWith(".mjs"));
    expect(names).toContain("main.mjs");
    for (const name of names) {
      const text = await readFile(join(home(app), "app", name), "utf8");
      expect(text.includes(resolve(repository))).toBe(false);
    }
  });

  it("names the licences of what is inside", async () => {
    const licences = await unpacked(app, `usr/share/doc/flashline-${app}/third-party.txt`);
    for (const name of ["fastify", "react", "zod"]) {
      expect(licences).toMatch(new RegExp(`^${name} \\d`, "m"));
    }
  });
});

it("gives the same bytes for the same sources", { timeout: BUILD_MS }, async () => {
  const before = await readFile(files["agent"] ?? "");
  await build(["agent"]);
  expect(before.equals(await readFile(files["agent"] ?? ""))).toBe(true);
});

it("has the udev rules that the guide tells", async () => {
  const rules = await unpacked("agent", "usr/lib/udev/rules.d/60-flashline.rules");
  const lines = rules.split("\n").filter((line) => line !== "" && !line.startsWith("#"));
  expect(lines).toHaveLength(2);
  const guide = await readFile(join(repository, "docs/station.md"), "utf8");
  for (const line of lines) expect(guide).toContain(`\n${line}\n`);
});

describe("unpacked", () => {
  const running: ChildProcess[] = [];
  let sim: Simulator;
  afterAll(async () => {
    for (const child of running.reverse()) {
      child.kill("SIGTERM");
      if (child.exitCode === null) await once(child, "close");
    }
    await sim?.stop();
  });

  /** Settings as a file, as the launcher names it. */
  async function configure(app: string, more: Readonly<Record<string, unknown>>) {
    const file = join(folder, `${app}.json`);
    const port = await freePort();
    const data = join(folder, `${app}-data`);
    await writeFile(file, JSON.stringify({ FLASHLINE_DATA: data, FLASHLINE_PORT: port, ...more }));
    const env = { PATH: process.env["PATH"], HOME: folder, FLASHLINE_CONFIG: file };
    return { env, port, url: `http://127.0.0.1:${port}` };
  }
  /** Runs until the end of the tests. Answers with what tells its output. */
  function start(app: string, words: readonly string[], env: NodeJS.ProcessEnv): () => string {
    const child = spawn(...program(app, words), { env, stdio: ["ignore", "pipe", "pipe"] });
    running.push(child);
    let said = "";
    for (const stream of [child.stdout, child.stderr]) {
      stream.on("data", (chunk) => {
        said += chunk;
      });
    }
    return () => said;
  }
  const program = (app: string, words: readonly string[]) =>
    [join(home(app), "bin/node"), [join(home(app), "app/main.mjs"), ...words]] as const;

  it("server and agent serve their pages, and the kiosk shows the station's", async () => {
    const server = await configure("server", {});
    const serverSaid = start("server", ["start"], server.env);
    const answers = (url: string) => async () =>
      (await fetch(url).catch(() => undefined))?.ok === true ? true : undefined;
    await until("the server is ready", answers(`${server.url}/readyz`), 60_000, serverSaid);
    const page = await fetch(server.url, { headers: { accept: "text/html" } });
    expect(await page.text()).toContain("<script");
    const administer = async (...words: string[]) =>
      (await run(...program("server", words), { env: server.env })).stdout.trim();
    expect(await administer("--version")).toBe(VERSION);

    const scopes = ["--scope", "orders:write", "--scope", "stations:write"];
    const token = (await administer("token", "add", "test", ...scopes)).split("\n").at(-1);
    const headers = () => ({ authorization: `Bearer ${token}` });
    const call = createClient<AbortSignal>({ baseUrl: server.url, fetch, headers });
    await call("addPlant", { body: { name: "Graz", timeZone: "Europe/Vienna" } });
    await call("addLine", { body: { name: "L1", plant: "Graz" } });
    const { body } = await call("addStation", { body: { name: "L1-01", line: "L1" } });
    const key = join(folder, "release.pub");
    await writeFile(key, formatPublicKey(generateKeyPair().publicKey));

    const agent = await configure("agent", { FLASHLINE_SERVER: server.url });
    const enroll = ["enroll", "--token", body.token, "--key", key, "--nest", "1=1-1"];
    await run(...program("agent", enroll), { env: agent.env });
    sim = await startSimulator(["--chip", "f407", "--units", "1", "--machine", "L1-01"]);
    const agentSaid = start("agent", ["run", "--usbip", sim.at()], agent.env);
    await until("the station page is there", answers(agent.url), 30_000, agentSaid);

    const debugging = await freePort();
    const asRoot = process.getuid?.() === 0 ? ["--no-sandbox"] : [];
    const watched = ["--headless", "--disable-gpu", `--remote-debugging-port=${debugging}`];
    const env = { ...agent.env, FLASHLINE_PORT: String(agent.port) };
    running.push(spawn(join(home("agent"), "kiosk"), [...asRoot, ...watched], { env }));
    const at = `http://127.0.0.1:${debugging}`;
    await until("the browser is there", answers(`${at}/json/version`), 30_000);
    const browser = await chromium.connectOverCDP(at);
    const shown = browser.contexts()[0]?.pages()[0];
    await shown?.getByText("L1-01").first().waitFor();
    expect(await shown?.getByText("Scan the unit").count()).toBeGreaterThan(0);
    await browser.close();
  });
});
