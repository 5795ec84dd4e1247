import { LIVE_PATH } from "@flashline/contract";
import type { Browser, Locator, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { barriers, openBrowser, openPage, overflow, picture, scan } from "./support/browser.ts";
import { addUser } from "./support/people.ts";
import { addPlant, addRelease, firmware, LINE, PRODUCT } from "./support/plant.ts";
import { type Rig, startRig, until } from "./support/rig.ts";
import { startStation, type TestStation } from "./support/station.ts";

const ORDER = { number: "WO-20418", product: PRODUCT, version: "2.8.1", quantity: 50 };

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

  /** Scans until the page is there: a browser that waits for its processor hears the strokes of a scan too far apart. */
  const scanned = (line: string, heading: string) =>
    until(`a scan opens ${heading}`, async () => {
      await scan(page, line);
      const opened = page.getByRole("heading", { name: heading, level: 1 });
      return await opened.waitFor({ timeout: 2000 }).then(
        () => true,
        () => undefined,
      );
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
    await scanned("mc2-000001", "Unit MC2-000001");
    await scanned(ORDER.number, "Work orders");
  });

  it("asks what a scan means that has no name here, and finds by a part", async () => {
    const dialog = page.getByRole("dialog");
    await until("a scan opens the question", async () => {
      await scan(page, "0000");
      return await dialog.waitFor({ timeout: 2000 }).then(
        () => true,
        () => undefined,
      );
    });
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

  it("has its pages behind a button on a telephone", async () => {
    await page.setViewportSize({ width: 390, height: 844 });
    expect(await overflow(page)).toBeLessThanOrEqual(0);
    await page.getByRole("navigation").waitFor({ state: "detached" });
    await page.getByRole("button", { name: "Open the navigation" }).click();
    expect(await barriers(page)).toEqual([]);
    await picture(page, "navigation-390");
    await page.getByRole("navigation").getByRole("link", { name: "Units" }).click();
    await page.getByRole("heading", { name: "Units", level: 1 }).waitFor();
    await page.getByRole("navigation").waitFor({ state: "detached" });
    await main().getByText("MC2-000001").waitFor();
    await page.setViewportSize({ width: 1366, height: 768 });
    expect(problems).toEqual([]);
  });
});
