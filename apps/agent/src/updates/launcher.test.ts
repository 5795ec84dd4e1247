import { execFile } from "node:child_process";
import { mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { afterEach, beforeEach, describe, expect, it } from "vitest";

const run = promisify(execFile);
const script = fileURLToPath(
  new URL("../../../../deploy/debian/flashline-agent/versions.sh", import.meta.url),
);

let versions: string;
beforeEach(async () => {
  versions = await mkdtemp(join(tmpdir(), "flashline-launcher-"));
});
afterEach(() => rm(versions, { recursive: true, force: true }));

async function addVersion(name: string): Promise<void> {
  await mkdir(join(versions, name, "app"), { recursive: true });
  await writeFile(join(versions, name, "app/main.mjs"), "");
}
const put = (file: string, text: string) => writeFile(join(versions, file), `${text}\n`);
const line = (file: string) =>
  readFile(join(versions, file), "utf8").then(
    (text) => text.trim(),
    () => "none",
  );

/** What the launcher starts: the version's name. `then` runs in its place. A trial has `healthS` seconds. */
async function starts(
  command = "run",
  then = 'echo "$FLASHLINE_STARTED $app"',
  healthS = 60,
): Promise<string> {
  const text = `set -eu; app=own; . "${script}"; ${then}`;
  const env = { ...process.env, FLASHLINE_VERSIONS: versions, FLASHLINE_HEALTH_S: String(healthS) };
  const { stdout } = await run("sh", ["-c", text, "sh", command], { env });
  const [name = "", app] = stdout.trim().split(" ");
  expect(app).toBe(name === "package" ? "own" : `${versions}/${name}/app`);
  return name;
}

describe("the launcher", () => {
  it("starts the package's own version where nothing else is there", async () => {
    expect(await starts()).toBe("package");
    for (const text of [
      "1.5.0 good 0 package",
      "",
      "x",
      ". good 0 package",
      "../1 good 0 package",
    ]) {
      await put("current", text);
      expect(await starts(), text).toBe("package");
    }
    expect(await line("failed")).toBe("none");
  });

  it("starts a version that is good, for every command", async () => {
    await addVersion("1.5.0-ab");
    await put("current", "1.5.0-ab good 0 package");
    expect([await starts(), await starts("doctor")]).toEqual(["1.5.0-ab", "1.5.0-ab"]);
    expect(await line("current")).toBe("1.5.0-ab good 0 package");
  });

  it("starts one on trial three times, and then goes back and says so", async () => {
    await addVersion("1.4.2-cd");
    await addVersion("1.5.0-ab");
    await put("current", "1.5.0-ab trial 0 1.4.2-cd");
    for (const count of [1, 2, 3]) {
      // Other commands belong to the version that is known to be good, and count nothing.
      expect(await starts("doctor")).toBe("1.4.2-cd");
      expect(await starts()).toBe("1.5.0-ab");
      expect(await line("current")).toBe(`1.5.0-ab trial ${count} 1.4.2-cd`);
    }
    expect(await starts()).toBe("1.4.2-cd");
    expect([await line("current"), await line("failed")]).toEqual([
      "1.4.2-cd good 0 package",
      "1.5.0-ab",
    ]);
    expect(await starts()).toBe("1.4.2-cd");
  });

  it("goes back behind the newest version that ran: that only refuses what a server sends", async () => {
    await addVersion("1.4.2-cd");
    await addVersion("1.6.0-ab");
    await put("newest", "1.5.0");
    await put("current", "1.6.0-ab trial 3 1.4.2-cd");
    expect(await starts()).toBe("1.4.2-cd");
    expect([await line("current"), await line("newest")]).toEqual([
      "1.4.2-cd good 0 package",
      "1.5.0",
    ]);
  });

  it("goes back once more where the power failed while it went back", async () => {
    await addVersion("1.5.0-ab");
    await put("failed", "1.5.0-ab");
    await put("current", "1.5.0-ab trial 3 package");
    expect(await starts()).toBe("package");
    expect(await line("current")).toBe("package good 0 package");
  });

  it("goes back from a version that is not there, and from a line that makes no sense", async () => {
    await put("current", "1.5.0-ab trial 0 1.4.2-cd");
    expect(await starts()).toBe("package");
    expect(await line("failed")).toBe("1.5.0-ab");
    await addVersion("1.5.0-ab");
    await put("current", "1.5.0-ab trial x package");
    expect(await starts()).toBe("package");
  });

  it("kills a trial that neither works nor ends, and leaves one alone that is healthy", async () => {
    await addVersion("1.5.0-ab");
    await put("current", "1.5.0-ab trial 0 package");
    await expect(starts("run", "exec sleep 20", 1)).rejects.toMatchObject({ signal: "SIGKILL" });
    expect(await line("said")).toBe("It was not healthy within 1 s.");
    const healthy = `printf '1.5.0-ab good 0 package\\n' >"${versions}/current"`;
    const lives = `${healthy}; sleep 5; echo "$FLASHLINE_STARTED $app"`;
    expect(await starts("run", lives, 3)).toBe("1.5.0-ab");
  });
});
