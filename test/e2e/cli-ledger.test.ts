import { spawn } from "node:child_process";
import { createInterface } from "node:readline";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, expect, test } from "vitest";
import { FLASHLINE, flashline } from "./support/command.ts";
import { type Rig, startRig } from "./support/rig.ts";

/** What happened, and what is tried, from a shell against a real server. */
let rig: Rig;
let env: Readonly<Record<string, string>> = {};
beforeAll(async () => {
  rig = await startRig();
  const token = await rig.addToken("mes", ["stations:write", "feed:read", "read"]);
  env = { FLASHLINE_SERVER: rig.url, FLASHLINE_TOKEN: token };
  await addPlant("Graz");
});
afterAll(() => rig.close());

async function run(...args: readonly string[]) {
  const ran = await flashline(args, { cwd: rig.folder, env });
  expect(ran.code, ran.stderr + ran.stdout).toBe(0);
  return ran;
}
const addPlant = (name: string) => run("plant", "add", name, "--time-zone", "Europe/Vienna");

test("a rule is tried on the past, and trials of pacing are listed", async () => {
  const tried = ["alarm", "rules", "try", "failures.row", "--set", "nest=2"];
  expect((await run(...tried, "--json")).last).toMatchObject({
    event: "trial",
    would: 0,
    settings: { nest: 2, host: 4 },
  });
  expect((await run(...tried)).stdout).toMatch(/would have raised 0 from .*raised 0 in that time/s);
  const unknown = await run("alarm", "rules", "try", "station.silent");
  expect(unknown.stdout).toContain("nobody can tell");
  expect((await run("host", "trials")).stdout).toBe("None.\n");
});

test("the ledger is read from a position on, searched, and worked out anew", async () => {
  const { last, events } = await run("audit", "feed", "--json");
  expect(events.length).toBeGreaterThan(1);
  expect(events.map(({ position }) => position)).toEqual(events.map((_, n) => n + 1));
  const behind = await run("audit", "feed", "--after", String(events.length - 1), "--json");
  expect(behind.events[0]).toEqual(last);
  const list = await run("audit", "list", "--kind", "plant.added", "--subject", "Graz");
  expect(list.stdout).toMatch(/^\d+ {2}\S+Z {2}plant\.added {2}plant Graz, by token mes\n$/);
  const chain = await run("audit", "chain", "--json");
  expect(chain.last).toMatchObject({ event: "chain", reading: null, problems: [] });
  expect((await run("audit", "chain")).stdout).toContain("is as it was written");
});

test("the feed is followed as things happen", async () => {
  const follower = spawn(process.execPath, [FLASHLINE, "audit", "feed", "--follow"], {
    env: { ...process.env, ...env },
    stdio: ["ignore", "pipe", "inherit"],
  });
  const told = new Promise<string>((resolve) => {
    createInterface({ input: follower.stdout }).on("line", (line) => {
      if (line.includes("plant.added")) resolve(line);
    });
  });
  // What happens before it has asked for the end of the ledger is not told.
  for (let n = 1; n <= 20; n += 1) {
    await addPlant(`Linz-${n}`);
    if ((await Promise.race([told, sleep(500, "")])) !== "") break;
  }
  follower.kill("SIGINT");
  expect(await told).toMatch(/^\d+ {2}\S+Z {2}plant\.added {2}plant Linz-\d+, by token mes$/);
});
