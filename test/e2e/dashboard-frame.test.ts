import { readFile } from "node:fs/promises";
import { LIVE_PATH } from "@flashline/contract";
import type { Browser, Locator, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { barriers, openBrowser, openPage, overflow, picture, textOf } from "./support/browser.ts";
import { addUser } from "./support/people.ts";
import { addPlant, addRelease, firmware, LINE, PRODUCT } from "./support/plant.ts";
import { type Rig, startRig, until } from "./support/rig.ts";
import { startStation, type TestStation } from "./support/station.ts";

const ORDER = { number: "WO-20418", product: PRODUCT, version: "2.8.1", quantity: 50 };

/**
 * Strokes as close together as a scanner's, wherever the focus is. Sent from inside the page: on a busy machine those from outside come
 * as slowly as a person's.
 */
const scanned = (page: Page, line: string): Promise<void> =>
  page.evaluate((text) => {
    for (const key of [...text, "Enter"]) {
      const stroke = new KeyboardEvent("keydown", { key, bubbles: true, cancelable: true });
      (document.activeElement ?? document.body).dispatchEvent(stroke);
    }
  }, line);

describe("the dashboard's frame in a browser, on a real server", () => {
  let rig: Rig;
  let station: TestStation;
  let browser: Browser;
  let page: Page;
  let problems: string[];
  const main = (): Locator => page.locator("main");

  beforeAll(async () => {
    [rig, browser] = await Promise.all([startRig(), openBrowser()]);
    await addPlant(rig);
    await addRelease(rig, "2.8.1", 1, firmware(8000, 1));
    const login = await addUser(rig, "erika", "engineer");
    station = await startStation(rig, { name: "L3-07", line: LINE, order: ORDER });
    await until("the station knows its work order", async () => {
      return (await station.view()).workOrder ?? undefined;
    });
    ({ page, problems } = await openPage(browser, `${rig.url}/units`));
    await page.locator("input[name=username]").fill(login.name);
    await page.locator("input[name=password]").fill(login.password);
    await page.keyboard.press("Enter");
    await page.getByRole("heading", { name: "Units", level: 1 }).waitFor();
  });
  afterAll(async () => {
    await browser?.close();
    await station?.close();
    await rig?.close();
  });

  it("tells two tabs of a result by one stream, which neither of them opened", async () => {
    const streams: string[] = [];
    const note = (tab: Page) =>
      tab.on("request", (request) => {
        if (request.url().includes(LIVE_PATH)) streams.push(request.url());
      });
    const other = await page.context().newPage();
    note(other);
    note(page);
    await page.reload();
    await other.goto(`${rig.url}/attempts`);
    await other.getByText("No attempts yet.").waitFor();
    await main().getByText("FAN-000001").waitFor();
    expect(await station.flash("1", "MC2-000001")).toMatchObject({ state: "pass" });
    await Promise.all([
      main().getByText("MC2-000001").waitFor({ timeout: 8000 }),
      other.locator("main").getByText("MC2-000001").waitFor({ timeout: 8000 }),
    ]);
    expect(streams).toEqual([]);
    // The stream is the browser's, not the first tab's.
    await page.goto("about:blank");
    await station.flash("2", "MC2-000002");
    await other.locator("main").getByText("MC2-000002").waitFor({ timeout: 8000 });
    await other.close();
    await page.goto(`${rig.url}/releases`);
  });

  it("opens a unit that is scanned on any page, and an order by its number", async () => {
    await page.getByRole("heading", { name: "Releases", level: 1 }).waitFor();
    await scanned(page, "mc2-000001");
    await page.getByRole("heading", { name: "Unit MC2-000001" }).waitFor();
    await scanned(page, ORDER.number);
    await page.getByRole("heading", { name: ORDER.number, level: 1 }).waitFor();
  });

  it("asks what a scan means that has no name here, and finds by a part", async () => {
    const dialog = page.getByRole("dialog");
    await scanned(page, "0000");
    await dialog.getByRole("option", { name: "MC2-000002" }).waitFor();
    expect(await dialog.getByRole("combobox").inputValue()).toBe("0000");
    expect(await barriers(page)).toEqual([]);
    await picture(page, "finder");
    await page.keyboard.press("Escape");
    await dialog.waitFor({ state: "detached" });
    await page.keyboard.press("Control+k");
    await dialog.getByRole("combobox").fill("L3");
    await dialog.getByRole("option", { name: "L3-07" }).waitFor();
    await page.keyboard.press("Enter");
    await page.getByRole("heading", { name: "Host L3-07" }).waitFor();
  });

  it("shows the line with what it made and what is left, and on the wall without navigation", async () => {
    await page.goto(rig.url);
    const today = page.getByRole("region", { name: "Today" });
    await today.getByText("to go of 50 in 1 order").waitFor();
    await until("the pace is told", async () => {
      const said = await textOf(today);
      return said.includes("Made today2") && said.includes("Open orders48") ? true : undefined;
    });
    const tile = page.getByRole("article", { name: "Station L3-07" });
    expect(await textOf(tile)).toContain(ORDER.number);
    await tile.getByRole("link", { name: "Host: " }).waitFor();
    expect(await barriers(page)).toEqual([]);
    await picture(page, "line");
    await page.getByRole("link", { name: "For the wall" }).click();
    await page.getByRole("navigation").waitFor({ state: "detached" });
    await page.setViewportSize({ width: 1920, height: 1080 });
    await tile.waitFor();
    expect(await overflow(page)).toBeLessThanOrEqual(0);
    expect(await barriers(page)).toEqual([]);
    await picture(page, "line-wall");
    await page.getByRole("link", { name: "Back" }).click();
    await page.getByRole("navigation").waitFor();
    await page.setViewportSize({ width: 1366, height: 768 });
  });

  it("says what a unit holds, and gives its dossier", async () => {
    await page.goto(`${rig.url}/units`);
    await main().getByRole("link", { name: "MC2-000001" }).click();
    const held = page.getByRole("region", { name: "As flashed" });
    await held.getByText("MC-2 2.8.1").waitFor();
    expect(await textOf(held)).toContain("app.bin");
    const download = page.waitForEvent("download");
    await page.getByRole("link", { name: "Dossier as PDF" }).click();
    const file = await readFile(await (await download).path());
    expect(file.subarray(0, 5).toString()).toBe("%PDF-");
    expect(await barriers(page)).toEqual([]);
    await picture(page, "unit-as-flashed");
  });

  it("has its pages behind a button on a telephone", async () => {
    await page.setViewportSize({ width: 390, height: 844 });
    expect(await overflow(page)).toBeLessThanOrEqual(0);
    await page.getByRole("navigation").waitFor({ state: "detached" });
    await page.getByRole("button", { name: "Open the navigation" }).click();
    expect(await barriers(page)).toEqual([]);
    await picture(page, "navigation-390");
    await page.getByRole("navigation").getByRole("link", { name: "Units", exact: true }).click();
    await page.getByRole("heading", { name: "Units", level: 1 }).waitFor();
    await page.getByRole("navigation").waitFor({ state: "detached" });
    await main().getByText("MC2-000001").waitFor();
    await page.setViewportSize({ width: 1366, height: 768 });
    expect(problems).toEqual([]);
  });
});
