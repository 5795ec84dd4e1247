import { readFile } from "node:fs/promises";
import { join } from "node:path";
import type { Browser } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import {
  barriers,
  openBrowser,
  openPage,
  picture,
  scan,
  textOf,
  unprintable,
} from "./support/browser.ts";
import { flashline } from "./support/command.ts";
import { addUser } from "./support/people.ts";
import { addPlant, addRelease, firmware, LINE, PRODUCT, unitOf } from "./support/plant.ts";
import { type Rig, startRig, until } from "./support/rig.ts";
import { startStation, type TestStation } from "./support/station.ts";

const GOLD = "GOLD-1";

describe("golden units, on a real server, agent and page", () => {
  let rig: Rig;
  let browser: Browser;
  let station: TestStation;

  beforeAll(async () => {
    [rig, browser] = await Promise.all([startRig(), openBrowser()]);
    await addPlant(rig);
    // 40 kB lie in three of the four small sectors of an STM32F407.
    await addRelease(rig, "2.8.1", 1, firmware(40_000, 1));
    await rig.api("addGolden", {
      body: {
        serial: GOLD,
        plant: "Graz",
        product: PRODUCT,
        version: "2.8.1",
        cycles: 100,
        areas: 3,
        reason: "known good",
      },
    });
    const order = { number: "WO-1", product: PRODUCT, version: "2.8.1", quantity: 5 };
    station = await startStation(rig, { name: "L3-31", line: LINE, order });
    await until("the station knows its order", async () => {
      return (await station.view()).workOrder ?? undefined;
    });
  });
  afterAll(async () => {
    await browser?.close();
    await station?.close();
    await rig?.close();
  });

  const stationUrl = () => `http://127.0.0.1:${station.env["FLASHLINE_PORT"]}/?lang=en`;
  const golden = async () => (await rig.api("goldenUnit", { params: { serial: GOLD } })).body;
  const used = async () => (await rig.api("workOrders", { query: {} })).body[0];
  const latestOf = async (count: number) =>
    until("the server has the results", async () => {
      const { latest } = await golden();
      const done = latest.filter(({ state }) => state !== "open" && state !== "running");
      return done.length >= count ? latest : undefined;
    });

  it("a due nest says so; the golden unit checks it, no order hears of it, and its sectors go around", async () => {
    await rig.api("setGoldenRule", {
      params: { id: "Graz" },
      body: { every: "hours", hours: 8, overdue: "block", reason: "agreed" },
    });
    const { page, problems } = await openPage(browser, stationUrl());
    const card = page.locator('[data-nest="1"]');
    await card.locator('[data-golden="blocks"]').waitFor();
    expect(await textOf(card)).toContain("GOLDEN CHECK FIRST");
    const before = await used();

    await scan(page, "MC2-000001");
    const refused = await station.untilNest("1", "refused");
    expect(refused.refusal.code).toBe("golden.due");
    await scan(page, "FL-OK");
    await station.untilNest("1", "present");

    // Its serial looks like no serial of the order.
    await scan(page, GOLD);
    await station.untilNest("1", "ready");
    await scan(page, "FL-START");
    await station.untilNest("1", "pass");
    await card.locator('[data-golden="blocks"]').waitFor({ state: "detached" });
    const [check] = await latestOf(1);
    expect(check).toMatchObject({ state: "passed", nest: "1", sectors: [0x0800_0000] });
    expect(await used()).toEqual(before);
    expect(await unitOf(rig, GOLD)).toBeUndefined();
    expect((await station.view()).today).toEqual({ passed: 0, failed: 0 });
    expect(problems).toEqual([]);
    await page.context().close();
  });

  it("a golden run makes just its checks by itself, and ends", async () => {
    const { body: run } = await rig.api("planGoldenRun", {
      body: { serial: GOLD, station: "L3-31", nest: "1", times: 4, reason: "in doubt" },
    });
    await station.tell("scan", { text: GOLD });
    await station.untilNest("1", "ready");
    await station.tell("start", { nest: "1" });
    await station.untilNest("1", "busy");
    await station.untilNest("1", "pass");
    const latest = await latestOf(5);
    expect(latest.map(({ state }) => state)).toEqual(Array(5).fill("passed"));
    expect(latest.filter((one) => one.run === run.id)).toHaveLength(4);
    // Turn by turn: the second and third sector, and the first ones again.
    const { sectors, worn } = await golden();
    expect(worn).toBe(2);
    expect(sectors.map(({ cycles }) => cycles)).toEqual([2, 2, 1]);
  });

  it("a run stops for another unit", async () => {
    await rig.api("planGoldenRun", {
      body: { serial: GOLD, station: "L3-31", nest: "1", times: 90, reason: "in doubt" },
    });
    await station.tell("scan", { text: GOLD });
    await station.untilNest("1", "ready");
    await station.tell("start", { nest: "1" });
    await until("a check of the run is made", async () => {
      const { golden: shown } = await station.nest("1");
      return shown?.kind === "run" && shown.made > 0 ? shown : undefined;
    });
    // Somebody wants this very nest for another unit.
    await station.tell("scan", { text: "FL-NEST-1" });
    await station.tell("scan", { text: "MC2-000002" });
    await station.untilNest("1", "pass");
    const { body: nests } = await rig.api("goldenNests", { query: {} });
    expect(nests.find(({ nest }) => nest === "1")).toMatchObject({ due: false });
    const { checks } = await golden();
    expect(checks).toBeLessThan(90);
  });

  it("a failed check takes the nest off with its reason and a transcript, until an engineer clears it and the check passes", async () => {
    // A broken cell in each of the sectors that a check may take: whichever turn it is, it fails.
    for (const address of ["0x08000100", "0x08004100", "0x08008100"]) {
      station.sim.command(`fault stuck=${address}/255:2`);
    }
    const login = await addUser(rig, "erika", "engineer");
    const { page, problems } = await openPage(browser, stationUrl());
    const card = page.locator('[data-nest="2"]');
    await card.locator('[data-golden="blocks"]').waitFor();
    await scan(page, "FL-NEST-2");
    await scan(page, GOLD);
    await station.untilNest("2", "ready");
    await scan(page, "FL-START");
    const { refusal } = await station.untilNest("2", "fail");
    await page.locator('[data-nest="2"][data-state="fail"]').waitFor();
    expect(await textOf(card)).toContain("FAIL");
    expect(refusal.code).toBe("flash.verify_mismatch");
    await station.tell("acknowledge", { nest: "2" });
    await station.untilNest("2", "off");
    await card.getByText("Off", { exact: true }).waitFor();
    const off = await textOf(card);
    // One next step, and one that can be done.
    expect(off).toContain("Use another nest");
    expect(off).not.toContain("GOLDEN CHECK FIRST");
    expect(off).toContain(`Golden unit ${GOLD} failed here: ${refusal.code}.`);
    expect(await barriers(page)).toEqual([]);
    await picture(page, "station-golden-failed");
    // Neither a unit nor the golden one goes on there.
    await scan(page, "FL-NEST-2");
    await scan(page, "MC2-000003");
    await page.getByRole("alert").waitFor();
    expect((await station.nest("2")).state).toBe("off");

    const kept = await until("the transcript is there", async () => {
      const { body } = await rig.api("goldenChecks", { query: { station: "L3-31" } });
      return body.find(({ nest, transcript }) => nest === "2" && transcript !== null);
    });
    expect(kept).toMatchObject({ state: "failed", code: refusal.code });
    const board = await openPage(browser, `${rig.url}/golden`);
    await board.page.locator("input[name=username]").fill(login.name);
    await board.page.locator("input[name=password]").fill(login.password);
    await board.page.keyboard.press("Enter");
    const [download] = await Promise.all([
      board.page.waitForEvent("download"),
      board.page.getByRole("link", { name: "for Wireshark" }).click(),
    ]);
    await picture(board.page, "golden-failed");
    expect(await barriers(board.page)).toEqual([]);
    expect(await unprintable(board.page)).toEqual([]);
    expect(download.suggestedFilename()).toBe(`golden-check-${kept.id}.pcapng`);
    const bytes = await readFile(await download.path());
    expect(bytes).toHaveLength(kept.transcript?.bytes ?? 0);
    const file = join(rig.folder, "failed.pcapng");
    const env = { FLASHLINE_SERVER: rig.url, FLASHLINE_TOKEN: rig.token };
    const ran = await flashline(["golden", "transcript", kept.id, "--out", file], { env });
    expect([ran.code, ran.stderr]).toEqual([0, ""]);
    expect(bytes.equals(await readFile(file))).toBe(true);

    await board.page.goto(`${rig.url}/stations/L3-31`);
    await board.page.getByText(`Golden unit ${GOLD} failed here`).first().waitFor();
    await board.page.getByRole("button", { name: "Switch on", exact: true }).click();
    const dialog = board.page.getByRole("dialog");
    await dialog.getByLabel("Reason").fill("cable changed");
    await dialog.getByRole("button", { name: "Switch on", exact: true }).click();
    await board.page.locator(".done-note").getByText("L3-31/2 takes units again.").waitFor();
    expect(board.problems).toEqual([]);

    // It still wants its check: what takes units first is the golden unit, here in a socket that is mended.
    await card.locator('[data-golden="blocks"]').waitFor();
    await station.replaceUnit("2");
    expect((await station.flash("2", "MC2-000004")).state).toBe("refused");
    await station.tell("acknowledge", { nest: "2" });
    await station.untilNest("2", "present");
    expect((await station.flash("2", GOLD)).state).toBe("pass");
    await card.locator('[data-golden="blocks"]').waitFor({ state: "detached" });
    expect(problems).toEqual([]);
  });
});
