import { execFile } from "node:child_process";
import { appendFileSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { afterAll, beforeAll, expect, test } from "vitest";
import { lineOf } from "../jobs/testing.ts";
import { eventually } from "../testing/refusal.ts";
import { startTestServer, type TestServer } from "../testing/server.ts";

const EXAMPLE = fileURLToPath(new URL("../../../../examples/mes/", import.meta.url));
let server: TestServer;
let folder: string;
let environment: NodeJS.ProcessEnv;
beforeAll(async () => {
  server = await startTestServer();
  folder = mkdtempSync(path.join(tmpdir(), "flashline-mes-"));
  const address = await server.app.listen({ host: "127.0.0.1", port: 0 });
  const token = await server.tokenSecret("orders:write", "feed:read", "read");
  environment = { ...process.env, FLASHLINE_SERVER: address, FLASHLINE_TOKEN: token };
});
afterAll(async () => {
  await server.close();
  rmSync(folder, { recursive: true, force: true });
});

/** A file of docs/mes.md as a process of its own. */
async function run(script: string, file: string): Promise<string> {
  const args = [path.join(EXAMPLE, script), file];
  const { stdout } = await promisify(execFile)(process.execPath, args, { env: environment });
  return stdout;
}

test("the example gives its orders once, however often it runs, and says what differs", async () => {
  const orders = path.join(EXAMPLE, "orders.csv");
  const first = await run("orders.mjs", orders);
  expect(first).toContain("WO-20418: open, 0 of 600 passed");
  expect(await run("orders.mjs", orders)).toBe(first);
  const engineer = await server.person("engineer");
  await engineer("setOrderQuantity", { params: { id: "WO-20419" }, body: { quantity: 201 } });
  await expect(run("orders.mjs", orders)).rejects.toThrow("409 request.conflict");
});

test("the example writes each result once, also after a torn line", async () => {
  const results = path.join(folder, "results.csv");
  const line = lineOf(server);
  /** The rows once all results are sealed. */
  async function rowsAfter(count: number): Promise<readonly string[]> {
    const read = async () => {
      await run("results.mjs", results);
      const rows = readFileSync(results, "utf8").trim().split("\n").slice(1);
      return rows.map((row) => row.split(",").slice(2).join(","));
    };
    return await eventually(read, (rows) => rows.length >= count);
  }
  await line.flash("SN200001");
  await line.flash("SN200002", { outcome: "FAIL", code: "flash.verify_mismatch", blame: "unit" });
  const two = [
    "SN200001,PSU-40,1.0.0,WO-1,L3-01,PASS,",
    "SN200002,PSU-40,1.0.0,WO-1,L3-01,FAIL,flash.verify_mismatch",
  ];
  expect(await rowsAfter(2)).toEqual(two);
  expect(await run("results.mjs", results)).toBe("0 new results\n");
  await line.flash("SN200003");
  appendFileSync(results, "17,2026-11");
  expect(await rowsAfter(3)).toEqual([...two, "SN200003,PSU-40,1.0.0,WO-1,L3-01,PASS,"]);
});
