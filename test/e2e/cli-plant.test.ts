import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { flashline, type Ran } from "./support/command.ts";
import { addRelease, firmware } from "./support/plant.ts";
import { type Rig, startRig } from "./support/rig.ts";

/** What an engineer does to set a plant up and to run it, with the real command line tool against a real server. */
let rig: Rig;
let token = "";
beforeAll(async () => {
  rig = await startRig();
  const scopes = [
    "orders:write",
    "stations:write",
    "webhooks:write",
    "people:write",
    "read",
  ] as const;
  token = await rig.addToken("mes", scopes);
});
afterAll(() => rig.close());

const runWith = (input: string | undefined, ...args: readonly string[]): Promise<Ran> =>
  flashline(args, {
    cwd: rig.folder,
    env: { FLASHLINE_SERVER: rig.url, FLASHLINE_TOKEN: token },
    ...(input === undefined ? {} : { input }),
  });
const run = (...args: readonly string[]) => runWith(undefined, ...args);
/** Of a command that must do what it says: its last line of JSON. */
async function done(...args: readonly string[]): Promise<Readonly<Record<string, unknown>>> {
  const ran = await run(...args, "--json");
  expect(ran.code, ran.stderr + ran.stdout).toBe(0);
  return ran.last;
}

test("a plant is set up and its orders are run without a request by hand", async () => {
  for (const plant of ["Graz", "Brno"]) {
    await done(
      "plant",
      "add",
      plant,
      "--time-zone",
      "Europe/Vienna",
      "--shift",
      "early=06:00-14:00",
    );
    await done("line", "add", "L3", "--plant", plant);
  }
  const twoLines = await run("station", "add", "L3-01", "--line", "L3", "--json");
  expect([twoLines.code, twoLines.last["code"]]).toEqual([1, "request.conflict"]);
  expect(twoLines.last["message"]).toContain("Brno, Graz");
  const station = await done("station", "add", "L3-01", "--line", "L3", "--plant", "Graz");
  expect(station["token"]).toMatch(/^fle_/);
  await done("station", "add", "L3-02", "--line", "L3", "--plant", "Graz");

  const chip = ["--chip", "STM32F407", "--serial-pattern", "P\\d{4}"];
  await done("product", "add", "PUMP", ...chip, "--board-revision", "B");
  const differs = await run("product", "add", "PUMP", ...chip, "--json");
  expect([differs.code, differs.last["code"]]).toEqual([1, "request.conflict"]);
  await addRelease(rig, "1.0.0", 1, firmware(5000, 4), undefined, "PUMP");
  await addRelease(rig, "1.0.1", 2, firmware(5000, 5), undefined, "PUMP");
  expect(await done("unit", "add", "P0001", "p0002", "--product", "PUMP")).toMatchObject({
    added: 2,
  });
  const csv = join(rig.folder, "lot.csv");
  writeFileSync(csv, "serial;batch\nP0003;LOT-1\nX;LOT-1\n");
  const bad = await run("unit", "import", csv, "--product", "PUMP");
  expect(bad.code).toBe(1);
  expect(bad.stderr).toMatch(/3 +X +preflight.serial_malformed/);
  expect(await done("unit", "import", csv, "--product", "PUMP", "--skip-bad")).toMatchObject({
    added: 1,
    known: 0,
    leftOut: 1,
  });
  writeFileSync(join(rig.folder, "units.json"), '[{"serial":"P0001","values":{"variant":"EU"}}]');
  expect(await done("unit", "values", "units.json", "--product", "PUMP")).toMatchObject({
    units: 1,
  });

  const order = (number: string, at: string) =>
    done(
      ...["order", "add", number, "--product", "PUMP", "--release", "1.0.0"],
      ...["--quantity", "10", "--station", at],
    );
  expect(await order("WO-1", "L3-01")).toMatchObject({ state: "open", stations: ["L3-01"] });
  await order("WO-2", "L3-02");
  const move = ["order", "assign", "WO-1", "L3-02", "--from", "WO-2"];
  const asked = await run(...move);
  expect(asked.code).toBe(1);
  expect(asked.stderr).toContain("L3-02 would leave WO-2 (0 in work there)");
  expect(asked.stderr).toContain("--confirm");
  const moved = await done(...move, "--confirm", "--reason", "rush order");
  expect(moved["stations"]).toEqual(["L3-01", "L3-02"]);
  expect(await done("order", "withdraw", "WO-1", "L3-01")).toMatchObject({ stations: ["L3-02"] });
  expect(await done("order", "quantity", "WO-1", "20")).toMatchObject({ quantity: 20 });
  expect(
    await done("order", "release", "WO-1", "1.0.1", "--reason", "fixes the valve"),
  ).toMatchObject({ version: "1.0.1" });
  expect(await done("order", "close", "WO-1")).toMatchObject({ state: "closed", stations: [] });
  expect(
    await done("order", "reopen", "WO-1", "--station", "L3-01", "--reason", "20 more"),
  ).toMatchObject({ state: "open", stations: ["L3-01"] });
});

test("what there is is shown as tables for people", async () => {
  const shown = async (...args: readonly string[]) => {
    const ran = await run(...args);
    expect(ran.code, ran.stderr).toBe(0);
    return ran.stdout;
  };
  expect(await shown("plant", "list")).toMatch(/Graz +Europe\/Vienna +early 06:00-14:00 +2 +L3/);
  expect(await shown("line", "list")).toMatch(/Brno +L3 +0/);
  expect(await shown("station", "list")).toMatch(/Graz +L3 +L3-01 +not enrolled +WO-1 +PUMP 1.0.1/);
  expect(await shown("station", "show", "L3-01")).toMatch(
    /WO-1 +PUMP 1.0.1 +priority 100 +20 units left/,
  );
  expect(await shown("product", "list")).toMatch(/PUMP +STM32F407 +3 +listed +P\\d\{4\} +B/);
  expect(await shown("order", "list")).toMatch(/WO-1 +open +PUMP 1.0.1 +0 of 20/);
  expect(await shown("order", "show", "WO-1")).toMatch(/L3-01 +L3, Graz +priority 100 +active/);
  expect(await shown("unit", "list", "--search", "P0001")).toMatch(/P0001 +PUMP +new/);
  expect(await shown("host", "list")).toBe("None.\n");
  const unknown = ["host", "repair", "L9-01", "--reason", "new cable"];
  const repaired = await run(...unknown, "--what", "cable", "--json");
  expect([repaired.code, repaired.last["code"]]).toEqual([1, "request.not_found"]);
  expect((await run(...unknown)).stderr).toContain("--what cable|port|hub|controller|other");
  const missing = await run("station", "show", "L9");
  expect([missing.code, missing.stderr]).toEqual([1, expect.stringContaining("no station L9")]);
});

test("a unit is found by its serial as it was typed, also where it is a part of many others", async () => {
  await done("product", "add", "COUNTER", "--chip", "STM32F407");
  const others = Array.from({ length: 230 }, (_, at) => String(19_000 + at));
  await done("unit", "add", "19", "C 7", "--product", "COUNTER");
  await done("unit", "add", ...others, "--product", "COUNTER");
  expect(await done("unit", "show", "19")).toMatchObject({ serial: "19" });
  expect(await done("unit", "show", "c 7")).toMatchObject({ serial: "C-7" });
});

test("alarms and webhooks are looked after without a request by hand", async () => {
  const set = ["alarm", "rules", "set", "failures.row", "--plant", "Graz"];
  expect(await done(...set, "--set", "nest=4", "--reason", "new boards")).toMatchObject({
    rule: "failures.row",
    plant: "Graz",
    settings: { nest: 4, host: 4 },
  });
  const wrong = await run(...set, "--set", "nest=400", "--reason", "typo", "--json");
  expect([wrong.code, wrong.last["code"]]).toEqual([1, "request.invalid"]);
  const rules = await run("alarm", "rules", "list");
  expect(rules.stdout).toMatch(/nest=4 \(usually 3\) {2}units in a row in one nest/);
  const nobody = await run("alarm", "take", "019a2f31-7d0a-7c11-9a54-0c4f6e2b1d77", "--json");
  expect([nobody.code, nobody.last["code"]]).toEqual([1, "request.not_found"]);
  // This server sends no mail.
  const mail = await run("alarm", "mail", "add", "shift@plant.example", "--json");
  expect([mail.code, mail.last["code"]]).toEqual([1, "request.conflict"]);

  const url = "https://mes.plant.example/flashline";
  const added = await run(
    "webhook",
    "add",
    "mes",
    "--url",
    url,
    "--kind",
    "alarm.*",
    "order.closed",
  );
  expect(added.stdout).toMatch(/ {2}whsec_[\w+/]+=*\n/);
  const self = await run("webhook", "add", "self", "--url", rig.url, "--kind", "*", "--json");
  expect([self.code, self.last["code"]]).toEqual([1, "request.invalid"]);
  expect(await done("webhook", "show", "mes")).toMatchObject({
    on: true,
    kinds: ["alarm.*", "order.closed"],
  });
  await done("webhook", "off", "mes", "--reason", "is moved");
  expect((await run("webhook", "list")).stdout).toMatch(/mes +OFF +alarm\.\* order\.closed/);
  expect((await run("webhook", "rotate", "mes", "--overlap", "1")).stdout).toContain(
    "counts until",
  );
  expect(await done("webhook", "replay", "mes")).toMatchObject({ letters: 0 });
  await done("webhook", "remove", "mes");
  expect((await run("webhook", "list")).stdout).toBe("None.\n");
});

test("people, badges and tokens are given and ended", async () => {
  const because = ["--reason", "for the test"];
  const add = ["person", "add", "berta", "--role", "engineer", "--password-stdin"];
  const added = await runWith("correct horse battery\n", ...add, "--json");
  expect(added.last, added.stderr).toMatchObject({ name: "berta", ways: ["password"] });
  const weak = await runWith("short\n", "person", "add", "x", ...add.slice(3));
  expect([weak.code, weak.stderr]).toEqual([1, expect.stringContaining("at least 10 characters")]);
  await done("person", "add", "olaf", "--role", "operator", "--plant", "Graz");
  expect(await done("person", "role", "berta", "operator-lead", ...because)).toMatchObject({
    role: "operator-lead",
  });
  const badge = await runWith("OLAF-0001\n", "badge", "give", "olaf", ...because);
  expect(badge.stdout, badge.stderr).toMatch(/olaf +operator +Graz +1 /);
  expect(await done("badge", "lost", "olaf", ...because)).toMatchObject({ endedAs: "lost" });
  const { secret } = await done("token", "add", "screen", "--scope", "read", "--days", "1");
  const screen = { FLASHLINE_SERVER: rig.url, FLASHLINE_TOKEN: String(secret) };
  const refused = await flashline(["person", "list"], { env: screen });
  expect([refused.code, refused.stderr]).toEqual([1, expect.stringContaining("auth.forbidden")]);
  await done("token", "revoke", "screen", ...because);
  expect((await flashline(["plant", "list"], { env: screen })).stderr).toContain("auth.revoked");
  const { stdout } = await run("person", "list");
  expect(stdout).toMatch(/berta +operator-lead +all +password/);
  expect(stdout).toMatch(/olaf +operator +Graz +nothing yet/);
});

test("plans, moves and what is retired need no request by hand", async () => {
  const shifts = ["--shift", "early=06:00-14:00", "--break", "early=09:00-09:15"];
  await done("plant", "add", "Linz", "--time-zone", "Europe/Vienna", ...shifts);
  await done("plant", "change", "Linz", "--rename", "Wels", "--reason", "the town's name");
  for (const line of ["W1", "W2"]) await done("line", "add", line, "--plant", "Wels");
  await done("station", "add", "W1-01", "--line", "W1");
  const shift = ["--line", "W1", "--day", "2026-11-24", "--shift", "early"];
  const why = ["--reason", "week 48"];
  expect(await done("plan", "set", "465", ...shift, ...why)).toMatchObject({ changed: 1 });
  expect(await done("plan", "show", ...shift)).toMatchObject({
    shift: { workingMs: 27_900_000 },
    plan: { units: 465, taktMs: 60_000, due: 465, made: 0 },
  });
  const text = await run("plan", "show", ...shift);
  expect(text.stdout).toContain("0 of 465, should stand at 465: 465 behind, 465 min of work");
  const file = join(rig.folder, "plans.csv");
  writeFileSync(file, "line,day,shift,units\nW1,2026-11-25,early,9\nW9,2026-11-25,early,9\n");
  const bad = await run("plan", "import", file, ...why);
  expect([bad.code, bad.stderr]).toEqual([1, expect.stringContaining("There is no line W9.")]);
  const listed = ["plan", "list", "--line", "W1", "--from", "2026-11-20", "--to", "2026-11-30"];
  expect(await done(...listed)).toMatchObject({ day: "2026-11-24", units: 465 });

  const inUse = await run("line", "retire", "W1", "--dry-run");
  expect(inUse.stdout).toContain("station W1-01: move the station, or revoke it.");
  expect((await run("line", "retire", "W1", "--reason", "sold")).code).toBe(1);
  await done("station", "move", "W1-01", "--line", "W2", "--dry-run");
  await done("station", "move", "W1-01", "--line", "W2", "--reason", "rebuilt");
  expect(await done("station", "show", "W1-01")).toMatchObject({ line: "W2" });
  await done("line", "retire", "W1", "--reason", "sold");
  expect((await run("line", "list", "--json")).stdout).not.toContain("W1");
  await done("line", "restore", "W1", "--reason", "bought back");
  await done("line", "rename", "W1", "W3", "--reason", "another place");
  await done("station", "revoke", "W1-01", "--reason", "PC is scrap");
  await done("product", "add", "FAN", "--chip", "STM32F072");
  await done("product", "change", "FAN", "--title", "Fan controller", "--reason", "catalogue");
  expect(await done("product", "retire", "FAN", "--reason", "end of life")).toMatchObject({
    title: "Fan controller",
    retiredAt: expect.any(String),
  });
  expect((await run("product", "chips")).stdout).toContain("STM32F407");
});
