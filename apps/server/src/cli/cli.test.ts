import { execFile } from "node:child_process";
import { mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { formatPublicKey, generateKeyPair } from "@flashline/signing";
import { afterAll, beforeAll, expect, test } from "vitest";
import { sealerRepository } from "../audit/sealer.repository.ts";
import { refusal } from "../testing/refusal.ts";
import { startTestServer, type TestServer } from "../testing/server.ts";
import { administer } from "./administer.ts";
import { readCommand } from "./arguments.ts";
import { runAudit } from "./audit.ts";

let server: TestServer;
beforeAll(async () => {
  server = await startTestServer({ idle: true });
});
afterAll(() => server.close());

/** Runs one administrator's command on the test server's data; answers what it printed. */
async function run(...args: readonly string[]): Promise<string> {
  const command = readCommand(args);
  const lines: string[] = [];
  switch (command.name) {
    case "start":
    case "migrate":
    case "config":
    case "backup":
    case "restore":
    case "drill":
    case "blobs copy":
    case "audit kinds":
      return command.name;
    case "audit verify":
    case "audit head": {
      const isGood = await runAudit(command, server.platform.db, (line) => lines.push(line));
      return [...lines, isGood ? "exit 0" : "exit 1"].join("\n");
    }
    default:
      await administer(command, server.platform, {
        print: (line) => lines.push(line),
        readPassword: () => Promise.resolve("correct horse battery"),
      });
  }
  return lines.join("\n");
}

test("a person that was added logs in, and one that was disabled does not", async () => {
  const login = () =>
    refusal(
      server.client()("login", { body: { name: "berta", password: "correct horse battery" } }),
    );
  expect(await run("user", "add", "berta", "--role", "admin")).toBe("berta can log in as admin.");
  expect(await login()).toBe("answered");
  await expect(run("user", "disable", "berta")).rejects.toThrow("berta is the only admin");
  await expect(run("user", "erase", "berta")).rejects.toThrow("berta is the only admin");
  await expect(run("user", "add", "berta", "--role", "engineer")).rejects.toThrow("only admin");
  expect(await login()).toBe("answered");
  await run("user", "add", "dora", "--role", "admin");
  await run("user", "disable", "berta");
  expect(await login()).toBe("401 auth.wrong");
  await expect(run("user", "disable", "nobody")).rejects.toThrow("There is no person nobody");
});

test("a head is exported and held against the ledger; a change and a damaged file are told", async () => {
  const { db } = server.platform;
  await run("user", "add", "carla", "--role", "engineer");
  await sealerRepository(db).seal();
  const file = path.join(server.dataFolder, "head.json");
  expect(await run("audit", "head", "--to", file)).toContain(`${file}: position`);
  await expect(run("audit", "head", "--to", file)).rejects.toThrow("cannot be written");
  const verify = () => run("audit", "verify", "--head", file);
  expect(await verify()).toMatch(/0 events are not sealed yet\nThe ledger is as it was.*\nexit 0$/);
  expect(await run("user", "erase", "carla")).toContain("The name carla is gone.");
  expect(await verify()).toMatch(/1 events are not sealed yet, the oldest of 20.*\n.*\nexit 0$/);
  await db.sql.execute("ALTER TABLE ledger DISABLE TRIGGER USER");
  await db.sql.execute("UPDATE ledger SET operation = 'x' WHERE position = 1");
  await db.sql.execute("ALTER TABLE ledger ENABLE TRIGGER USER");
  expect(await verify()).toMatch(/NOT AS IT WAS WRITTEN:\n {2}position 1 was changed.*\nexit 1$/);
  await expect(run("audit", "verify", "--head", fileURLToPath(import.meta.url))).rejects.toThrow(
    "no exported head",
  );
});

test("a token that was printed works until it is revoked", async () => {
  const token = await run(
    "token",
    "add",
    "ci",
    "--scope",
    "read",
    "--scope",
    "releases:publish",
    "--days",
    "30",
  );
  const call = server.client({ authorization: `Bearer ${token}` });
  expect((await call("products", {})).status).toBe(200);
  expect(await run("token", "revoke", "ci")).toBe("Revoked the token ci.");
  expect(await refusal(call("products", {}))).toBe("401 auth.revoked");
});

test("a key file is trusted by its name, and revoked by its id", async () => {
  const { publicKey } = generateKeyPair();
  const file = path.join(mkdtempSync(path.join(tmpdir(), "flashline-key-")), "release.pub");
  writeFileSync(file, formatPublicKey(publicKey));
  expect(await run("key", "add", file)).toBe(
    `Releases signed by key ${publicKey.keyId} (release) are accepted.`,
  );
  await run("key", "revoke", publicKey.keyId);
  await expect(run("key", "revoke", "0123456789ABCDEF")).rejects.toThrow("There is no key");
  await expect(run("key", "add", "/nowhere.pub")).rejects.toThrow("cannot be read");
});

test("a station that was revoked has to be enrolled again", async () => {
  expect((await server.station()("setup", {})).status).toBe(200);
  await run("station", "revoke", "L3-01");
  expect(await refusal(server.station()("setup", {}))).toBe("401 auth.revoked");
});

test("what makes no sense is refused with what is wrong", () => {
  for (const [args, problem] of [
    [["fly"], "unknown command 'fly'"],
    [["user", "add"], "required option '--role <role>' not specified"],
    [["user", "add", "--role", "admin"], "missing required argument 'name'"],
    [["start", "now"], "too many arguments"],
    [["start", "--port", "1"], "unknown option '--port'"],
    [["token", "add", "x", "--days", "soon"], "number from 1 to 3650"],
    [["key", "add", "a", "b"], "too many arguments"],
  ] as const) {
    expect(() => readCommand(args)).toThrow(problem);
  }
});

/** Runs the command as a process, with little in its environment. */
function start(args: readonly string[], env: Readonly<Record<string, string>> = {}) {
  const command = fileURLToPath(new URL("../../bin/flashline-server.js", import.meta.url));
  return new Promise<{ code: unknown; stdout: string; stderr: string }>((resolve) => {
    execFile(
      process.execPath,
      [command, ...args],
      { cwd: "/", env: { PATH: process.env["PATH"], ...env } },
      (error, stdout, stderr) => resolve({ code: error?.code ?? 0, stdout, stderr }),
    );
  });
}

test("a wrong word exits 2 and says where help is; help itself exits 0", async () => {
  expect(await start(["fly"])).toEqual({
    code: 2,
    stdout: "",
    stderr: "unknown command 'fly'\nAdd --help to see how it is used.\n",
  });
  const [help, asked] = await Promise.all([
    start(["user", "add", "--help"]),
    start(["help", "user", "add"]),
  ]);
  expect(help).toMatchObject({ code: 0, stderr: "" });
  expect(asked).toEqual(help);
  expect(help.stdout).toContain("flashline-server user add [options] <name>");
});

test("the command itself starts without a build, and tells every problem of the configuration before it exits 1", async () => {
  const result = await start(["start"], { FLASHLINE_PORT: "x", DATABASE_URL: "y" });
  expect(result.code).toBe(1);
  expect(result.stderr).toMatch(/2 problems[\s\S]*FLASHLINE_PORT: [\s\S]*DATABASE_URL: /);
});

test("what yields count is counted anew", async () => {
  expect(await run("yield", "rebuild")).toBe(
    "The attempts of 0 days were counted anew: 0 rows. They are as they were before.",
  );
});
