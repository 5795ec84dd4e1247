import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { openBrowser, openPage, picture, scan, textOf } from "./support/browser.ts";
import { addPlant, addRelease, firmware, LINE, PRODUCT } from "./support/plant.ts";
import { type Rig, startRig, until } from "./support/rig.ts";
import { startStation, type TestStation } from "./support/station.ts";

describe("ways of working, by a scanner in a browser on a real agent", () => {
  let rig: Rig;
  let browser: Browser;
  const stations: TestStation[] = [];

  beforeAll(async () => {
    [rig, browser] = await Promise.all([startRig(), openBrowser()]);
    await addPlant(rig);
    await addRelease(rig, "2.8.1", 1, firmware(24_000, 1));
  });
  afterAll(async () => {
    await browser?.close();
    for (const station of stations) await station.close();
    await rig?.close();
  });

  async function working(name: string, way: string): Promise<[TestStation, Page, string[]]> {
    const order = { number: `WO-${name}`, product: PRODUCT, version: "2.8.1", quantity: 10 };
    const environment = { FLASHLINE_WAY: way };
    const station = await startStation(rig, { name, line: LINE, order, environment });
    stations.push(station);
    await until("the station knows its order", async () => {
      return (await station.view()).workOrder ?? undefined;
    });
    const url = `http://127.0.0.1:${station.env["FLASHLINE_PORT"]}/?lang=en`;
    const { page, problems } = await openPage(browser, url);
    await page.locator('[data-nest="1"][data-state="present"]').waitFor();
    return [station, page, problems];
  }
  const field = (page: Page): Promise<string | null> =>
    page.getByRole("textbox").getAttribute("placeholder");

  it("a unit that is scanned first starts when it is plugged in, and nobody presses START", async () => {
    const [station, page, problems] = await working("L3-21", "start-when-plugged");
    for (const nest of ["1", "2"]) {
      station.sim.command(`unplug ${nest}`);
      await station.untilNest(nest, "empty");
    }
    await scan(page, "MC2-000001");
    await page.getByText("Plug in MC2-000001 now.").waitFor();
    expect(await field(page)).toBe("Plug in MC2-000001");
    await picture(page, "station-scan-kept");
    await scan(page, "MC2-000002");
    await page.getByText("Plug in the scanned unit first.").waitFor();
    station.sim.command("plug 2");
    await station.untilNest("2", "pass");
    expect((await station.nest("1")).state).toBe("empty");
    // The other order: the unit is there, and its label is read.
    station.sim.command("plug 1");
    await station.untilNest("1", "present");
    await scan(page, "MC2-000003");
    await station.untilNest("1", "pass");
    expect(problems).toEqual([]);
    await page.context().close();
  });

  it("a label alone is refused where its nest comes first", async () => {
    const [station, page] = await working("L3-22", "nest-then-unit");
    expect(await field(page)).toBe("Scan the nest, then the unit");
    await scan(page, "MC2-000004");
    await page.getByText("Scan the nest first.").waitFor();
    await scan(page, "FL-NEST-2");
    await scan(page, "MC2-000004");
    await station.untilNest("2", "ready");
    await page.locator('[data-nest="2"][data-state="ready"]').waitFor();
    expect(await textOf(page.locator('[data-nest="2"]'))).toContain("MC2-000004");
    expect((await station.nest("1")).state).toBe("present");
    await page.context().close();
  });
});
