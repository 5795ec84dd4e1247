import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";
import { readConfig } from "../config.ts";
import { readTaughtNests, writeTaughtNests } from "../teach/taught-nests.ts";
import { enroll } from "./enroll.ts";

let folder: string;
let server: Server;
beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), "flashline-enroll-"));
  server = createServer((request, response) => {
    request.resume().on("end", () => {
      response.writeHead(201, { "content-type": "application/json" });
      const stationId = "019f0000-0000-7000-8000-000000000001";
      response.end(JSON.stringify({ stationId, station: "L3-01", credential: "c".repeat(43) }));
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
});
afterEach(async () => {
  await new Promise((resolve) => server.close(resolve));
  rmSync(folder, { recursive: true });
});

const enrolled = (nests: readonly string[]) =>
  enroll(readConfig({ FLASHLINE_DATA: folder }), {
    server: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    token: "t".repeat(43),
    keys: [],
    nests,
  });

it("says so when no nest was given: the station could flash nothing", async () => {
  expect((await enrolled([])).join("\n")).toContain("No nest was given");
  const named = (await enrolled(["1=3-1.1"])).join("\n");
  expect(named).toContain("Nest 1 is port 3-1.1.");
  expect(named).not.toContain("No nest");
});

it("keeps the nests that were taught here unless others are named", async () => {
  const place = { controller: "0000:00:14.0", ports: "1.2" };
  await writeTaughtNests(folder, [{ name: "left", portPath: "3-1.2", place }]);
  expect((await enrolled([])).join("\n")).toContain("Nest left is port 3-1.2.");
  expect(await readTaughtNests(folder)).toHaveLength(1);
  await enrolled(["1=3-1.1"]);
  expect(await readTaughtNests(folder)).toBeUndefined();
});

it("leaves a server's data folder alone", async () => {
  mkdirSync(join(folder, "images", "incoming"), { recursive: true });
  await expect(enrolled([])).rejects.toMatchObject({
    code: "config.invalid",
    message: expect.stringContaining("Give the agent one of its own"),
  });
});
