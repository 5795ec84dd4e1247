import { readFile } from "node:fs/promises";
import type { Browser, Locator, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { barriers, openBrowser, openPage, overflow, picture, textOf } from "./support/browser.ts";
import { addUser } from "./support/people.ts";
import { addPlant, addRelease, firmware, LINE, PRODUCT } from "./support/plant.ts";
import { type Rig, startRig, until } from "./support/rig.ts";
import { startStation, type TestStation } from "./support/station.ts";

const ORDER = { number: "20418", product: PRODUCT, version: "2.10", quantity: 50 };

describe("the dashboard's pages of Analyse in a browser, on a real server", () => {
  let rig: Rig;
  let station: TestStation;
  let browser: Browser;
  let page: Page;
  let problems: string[];
  const main = (): Locator => page.locator("main");
  const bar = (): Locator => page.getByRole("search", { name: "Which attempts" });
  const addressed = (): URLSearchParams => new URL(page.url()).searchParams;

  beforeAll(async () => {
    [rig, browser] = await Promise.all([startRig(), openBrowser()]);
    await addPlant(rig);
    await addRelease(rig, "2.10", 1, firmware(8000, 1));
    const login = await addUser(rig, "erika", "engineer");
    station = await startStation(rig, {
      name: "L3-07",
      line: LINE,
      order: ORDER,
      faults: ["stuck=0x08001000/255:2"],
    });
    await until("the station knows its work order", async () => {
      return (await station.view()).workOrder ?? undefined;
    });
    expect(await station.flash("1", "MC2-000001")).toMatchObject({ state: "pass" });
    expect(await station.flash("2", "MC2-000002")).toMatchObject({ state: "fail" });
    await until("both are on record", async () => {
      const { body } = await rig.api("attempts", { query: {} });
      return body.filter(({ outcome }) => outcome !== null).length === 2 ? true : undefined;
    });
    ({ page, problems } = await openPage(browser, `${rig.url}/yield?order=20418&release=2.10`));
    await page.locator("input[name=username]").fill(login.name);
    await page.locator("input[name=password]").fill(login.password);
    await page.keyboard.press("Enter");
    await page.getByRole("heading", { name: "Yield", level: 1 }).waitFor();
  });
  afterAll(async () => {
    await browser?.close();
    await station?.close();
    await rig?.close();
  });

  it("takes its filters from the address, names that look like numbers too, and tells the yield with its n", async () => {
    await main().getByText("1 of 2 units passed at the first try").waitFor();
    expect(await textOf(bar())).toContain("Work order 20418");
    expect(await textOf(bar())).toContain("Release 2.10");
    await main().getByRole("heading", { name: "First pass by host" }).waitFor();
    await main().getByRole("heading", { name: "Time by phase" }).waitFor();
    expect(await barriers(page)).toEqual([]);
    await picture(page, "analyse-yield");
  });

  it("leads from a code to its attempts and on to the units, with the same filters", async () => {
    await main().getByRole("link", { name: "flash.verify_mismatch" }).click();
    await page.getByRole("heading", { name: "Attempts", level: 1 }).waitFor();
    await main().getByRole("row").filter({ hasText: "MC2-000002" }).waitFor();
    expect(await main().getByText("MC2-000001").count()).toBe(0);
    expect(Object.fromEntries(addressed())).toEqual({
      order: "20418",
      release: "2.10",
      window: "today",
      outcome: "FAIL",
      code: "flash.verify_mismatch",
      only: "first",
    });
    const download = page.waitForEvent("download");
    await main().getByRole("link", { name: "All of them as CSV" }).click();
    const file = await readFile(await (await download).path(), "utf8");
    expect(file.trim().split("\n")).toHaveLength(2);
    expect(file).toContain("MC2-000002");
    await page.getByRole("navigation").getByRole("link", { name: "Units", exact: true }).click();
    await main().getByRole("row").filter({ hasText: "MC2-000002" }).waitFor();
    expect(await main().getByText("MC2-000001").count()).toBe(0);
    expect(addressed().get("order")).toBe("20418");
    // A yield of those that failed would be 0 %.
    await page.getByRole("navigation").getByRole("link", { name: "Yield" }).click();
    await main().getByText("1 of 2 units passed at the first try").waitFor();
    expect(await textOf(bar())).toContain("Work order 20418");
  });

  it("adds a filter by name, takes it off, and goes on in the address", async () => {
    await page.goto(`${rig.url}/attempts`);
    await main().getByText("MC2-000001").waitFor();
    await bar().getByRole("button", { name: "Filter" }).click();
    await page.getByRole("button", { name: "Station", exact: true }).click();
    await page.getByRole("option", { name: "L3-07" }).click();
    await page.waitForURL(/station=L3-07/);
    await bar().getByRole("button", { name: "All times" }).click();
    expect(await barriers(page)).toEqual([]);
    await page.getByRole("button", { name: "Yesterday" }).click();
    await main().getByText("No attempt matches these filters.").waitFor();
    expect(addressed().get("window")).toBe("yesterday");
    await bar().getByRole("button", { name: "Take off the filter Station" }).click();
    await page.waitForURL((url) => !url.searchParams.has("station"));
  });

  it("says what the server has against a name that nobody has", async () => {
    await page.goto(`${rig.url}/yield?product=NOPE`);
    await main().getByRole("alert").getByText("There is no product NOPE.").waitFor();
    await bar().getByRole("button", { name: "Take off the filter Product" }).click();
    await main().getByText("1 of 2 units passed at the first try").waitFor();
  });

  it("gives a link that means the same tomorrow, and keeps views under a name", async () => {
    await page.goto(`${rig.url}/yield?window=last-7-days&station=L3-07`);
    await main().getByText("1 of 2 units passed at the first try").waitFor();
    await bar().getByRole("button", { name: "Copy link" }).click();
    const link = new URL(await page.locator("input[readonly]").inputValue());
    expect(link.searchParams.get("window")).toBeNull();
    const [from, to] = ["from", "to"].map((name) => Date.parse(link.searchParams.get(name) ?? ""));
    expect((to ?? 0) - (from ?? 0)).toBeGreaterThan(6 * 86_400_000 - 2 * 3_600_000);
    expect(to).toBeLessThanOrEqual(Date.now());
    expect(link.searchParams.get("station")).toBe("L3-07");
    await page.keyboard.press("Escape");
    await bar().getByRole("button", { name: "Views" }).click();
    await page.getByLabel("Save this page with its filters as").fill("Seven at L3-07");
    await page.getByRole("button", { name: "Save", exact: true }).click();
    await page.goto(link.href);
    await main().getByText("1 of 2 units passed at the first try").waitFor();
    await bar().getByRole("button", { name: "Views" }).click();
    await page.getByRole("link", { name: "Seven at L3-07" }).click();
    await page.waitForURL(/window=last-7-days/);
  });

  it("compares with the time before, and shows each chart as a table and a file", async () => {
    await page.goto(`${rig.url}/yield`);
    await page.getByLabel("Compare with").selectOption("before");
    await main().getByText("not comparable: no host worked in both times").first().waitFor();
    expect(addressed().get("against")).toBe("before");
    await page.getByLabel("By what").selectOption("station");
    const forest = page.getByRole("region", { name: "First pass by station" });
    await forest.getByRole("button", { name: "L3-07" }).waitFor();
    await forest.getByRole("button", { name: "Table of First pass by station" }).click();
    expect(await textOf(forest.getByRole("row").nth(1))).toMatch(/^L3-0712/);
    const download = page.waitForEvent("download");
    await forest.getByRole("button", { name: "CSV of First pass by station" }).click();
    expect(await readFile(await (await download).path(), "utf8")).toMatch(/\r\nL3-07,1,2,0\.5,/);
    expect(await barriers(page)).toEqual([]);
  });

  it("says what was done in the time of a control chart, and that it has no limits for so little", async () => {
    await page.goto(`${rig.url}/yield`);
    await page.getByText("Control chart").click();
    await main().getByText("No limits: they need 10 stretches of time").waitFor();
    const done = page.getByRole("list", { name: "What was done in this time" });
    await done.getByText("released").waitFor();
    expect(await textOf(done)).toContain("2.10");
    await picture(page, "analyse-control");
  });

  it("stops a host from a telephone with two taps and a reason, and lifts it again", async () => {
    const { body } = await rig.api("hosts", {});
    const host = body.hosts[0] ?? expect.fail("no host");
    await page.setViewportSize({ width: 390, height: 844 });
    await page.goto(`${rig.url}/hosts/${host.id}`);
    await main().getByRole("button", { name: "Quarantine" }).click();
    const dialog = page.getByRole("dialog");
    await dialog.getByText(/takes? no more units/).waitFor();
    await dialog.getByLabel("Reason").fill("Loses every third link");
    expect(await barriers(page)).toEqual([]);
    await dialog.getByRole("button", { name: "Quarantine" }).click();
    await main().getByText("QUARANTINED", { exact: true }).first().waitFor();
    await main().getByText("Loses every third link").waitFor();
    expect(await overflow(page)).toBeLessThanOrEqual(0);
    await picture(page, "host-390");
    await main().getByRole("button", { name: "Lift the quarantine" }).click();
    await dialog.getByLabel("Reason").fill("Cable was swapped");
    await dialog.getByRole("button", { name: "Lift the quarantine" }).click();
    await main().getByText("Cable was swapped").waitFor();
    await page.setViewportSize({ width: 1366, height: 768 });
  });

  it("shows a host's golden runs on a telephone without scrolling sideways", async () => {
    const serial = "GOLD-1";
    await rig.api("addGolden", {
      body: {
        serial,
        plant: "Graz",
        product: PRODUCT,
        version: "2.10",
        cycles: 100,
        areas: 1,
        reason: "known good",
      },
    });
    await rig.api("planGoldenRun", {
      body: { serial, station: "L3-07", nest: "1", times: 60, reason: "does a hub help?" },
    });
    const { body } = await rig.api("hosts", {});
    await page.setViewportSize({ width: 390, height: 844 });
    await page.goto(`${rig.url}/hosts/${body.hosts[0]?.id}`);
    const runs = main()
      .locator(".stacks")
      .filter({ hasText: `${serial} in nest 1` });
    await runs.getByText("0 of 60 made").waitFor();
    expect(await runs.evaluate((table) => table.scrollWidth - table.clientWidth)).toBe(0);
    expect(await barriers(page)).toEqual([]);
    await picture(page, "host-golden-390");
    await page.setViewportSize({ width: 1366, height: 768 });
  });

  it("fits a telephone", async () => {
    await page.setViewportSize({ width: 390, height: 844 });
    for (const at of ["/yield?against=before", "/attempts?window=today", "/units?station=L3-07"]) {
      await page.goto(rig.url + at);
      await page.locator("main .card").first().waitFor();
      await page.locator("main .loading").first().waitFor({ state: "detached" });
      expect(await overflow(page), at).toBeLessThanOrEqual(0);
      expect(await barriers(page), at).toEqual([]);
    }
    await page.setViewportSize({ width: 1366, height: 768 });
    expect(problems.filter((problem) => !problem.includes("404"))).toEqual([]);
  });
});
