import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { barriers, openBrowser, openPage, picture, scan, textOf } from "./support/browser.ts";
import { flashline } from "./support/command.ts";
import { addUser } from "./support/people.ts";
import { addPlant, addRelease, firmware, LINE, PRODUCT, unitOf } from "./support/plant.ts";
import { type Rig, startRig, until } from "./support/rig.ts";
import { startStation, type TestStation } from "./support/station.ts";

const ORDER = { number: "WO-20419", product: PRODUCT, version: "2.8.1", quantity: 10 };
const STUCK_BIT = "stuck=0x08001000/255:1";
const SERIAL = "MC2-000041";

/** Of everybody together: a server, its commands, a line PC and the page on it. */
describe("badges, from the server to the page", () => {
  let rig: Rig;
  let station: TestStation;
  let browser: Browser;
  let page: Page;
  let token: string;

  const command = async (args: readonly string[], input?: string): Promise<string> => {
    const env = { FLASHLINE_SERVER: rig.url, FLASHLINE_TOKEN: token };
    const options = input === undefined ? { env } : { env, input };
    const { code, stdout, stderr } = await flashline(args, options);
    if (code !== 0) throw new RangeError(`flashline ${args.join(" ")}: ${stdout}${stderr}`);
    return stdout;
  };
  /** Who started the unit's attempts, by the server's records. */
  const operators = async () => {
    const { body } = await rig.api("attempts", { query: { operator: "olaf" } });
    return body.filter(({ serial }) => serial === SERIAL).map(({ operator }) => operator?.name);
  };
  const inState = (state: string) =>
    page.locator(`[data-nest="1"][data-state="${state}"]`).waitFor({ timeout: 40_000 });

  beforeAll(async () => {
    [rig, browser] = await Promise.all([startRig(), openBrowser()]);
    const scopes = ["read", "people:write", "stations:write", "orders:write"] as const;
    token = await rig.addToken("plant", scopes);
    await addPlant(rig);
    await addRelease(rig, "2.8.1", 1, firmware(24_000, 1));
    await addUser(rig, "mia", "operator-lead");
    station = await startStation(rig, {
      name: "L3-09",
      line: LINE,
      order: ORDER,
      nests: 1,
      faults: [STUCK_BIT],
      speed: 20,
      agentSpeed: 1,
    });
  });
  afterAll(async () => {
    await browser?.close();
    await station?.close();
    await rig?.close();
  });

  it("are given, and asked for at a station, by commands", async () => {
    await command(["person", "add", "olaf", "--role", "operator", "--reason", "new"]);
    for (const name of ["olaf", "mia"]) {
      const give = ["badge", "give", name, "--reason", "first day"];
      await command(give, `${name.toUpperCase()}-0001\n`);
    }
    const plant = ["plant", "operators", "Graz", "--idle-minutes", "20", "--reason", "audit"];
    expect(await command(plant)).toContain("20 min");
    const rules = ["station", "operators", "L3-09", "--badges", "required", "--reason", "audit"];
    expect(await command(rules)).toContain("nobody starts without a badge");
    await until("the station asks for a badge", async () =>
      (await station.view()).badgeNeeded ? true : undefined,
    );
  });

  it("nobody starts without one, and who starts stands with the unit", async () => {
    const port = station.env["FLASHLINE_PORT"];
    ({ page } = await openPage(browser, `http://127.0.0.1:${port}/?lang=en`));
    await inState("present");
    await scan(page, SERIAL);
    await inState("refused");
    expect(await textOf(page.locator('[data-nest="1"]'))).toContain("Scan your badge.");
    await scan(page, "FL-BADGE-OLAF-0001");
    await inState("ready");
    expect(await textOf(page.locator("header"))).toContain("olaf");
    expect(await page.content()).not.toContain("OLAF-0001");
    await page.keyboard.press("Space");
    await inState("fail");
    await scan(page, "FL-OK");
    expect(await operators()).toEqual(["olaf"]);
  });

  it("a lead's lets a unit go on that failed too often, in the lead's name", async () => {
    await command(["product", "retest-limit", PRODUCT, "1", "--reason", "trial"]);
    await scan(page, SERIAL);
    await inState("refused");
    await scan(page, "FL-BADGE-MIA-0001");
    const asked = page.getByRole("alertdialog");
    await asked.waitFor();
    expect(await textOf(asked)).toContain(`Let ${SERIAL} in nest 1 go on once?`);
    expect(await barriers(page)).toEqual([]);
    await picture(page, "station-lead-decides");
    await asked.getByRole("button", { name: "Repaired" }).click();
    await inState("ready");
    expect(await asked.count()).toBe(0);
    await page.keyboard.press("Space");
    await inState("fail");
    expect(await operators()).toEqual(["olaf", "olaf"]);
    const unit = await unitOf(rig, SERIAL);
    expect(unit?.rework?.records).toMatchObject([
      { kind: "override", what: "Repaired", by: "mia" },
    ]);
  });

  it("is answered by barcode with gloves on, and in words that a scanner or a hand types", async () => {
    const asked = page.getByRole("alertdialog");
    const failedAgain = async () => {
      await inState("ready");
      expect(await asked.count()).toBe(0);
      await page.keyboard.press("Space");
      await inState("fail");
    };
    const ask = async () => {
      await scan(page, SERIAL);
      await inState("refused");
      await scan(page, "FL-BADGE-MIA-0001");
      await asked.waitFor();
    };
    await ask();
    await scan(page, "FL-WHY-RESEATED");
    await failedAgain();
    await ask();
    await scan(page, "FL-WHY-OTHER");
    const field = asked.getByRole("textbox");
    await field.waitFor();
    // Neither the unit's own label nor a badge becomes a reason, and Space starts nothing.
    await scan(page, SERIAL);
    await asked.getByText("That is no reason.").waitFor();
    expect(await barriers(page)).toEqual([]);
    await picture(page, "station-lead-own-words");
    await page.keyboard.type("Pin 4 straightened", { delay: 70 });
    expect(await field.inputValue()).toBe("Pin 4 straightened");
    await page.keyboard.press("Enter");
    await failedAgain();
    expect((await unitOf(rig, SERIAL))?.rework?.records.map(({ what }) => what)).toEqual(
      expect.arrayContaining(["Cleaned and put in again", "Pin 4 straightened", "Repaired"]),
    );
  });

  it("the sheet has the barcodes of the five answers", async () => {
    const port = station.env["FLASHLINE_PORT"];
    await page.goto(`http://127.0.0.1:${port}/?lang=en&barcodes`);
    for (const answer of ["CHECKED", "RESEATED", "REPAIRED", "TRIAL", "OTHER"]) {
      await page.getByAltText(`FL-WHY-${answer}`).waitFor();
    }
    await picture(page, "station-barcodes-lead");
  });
});
