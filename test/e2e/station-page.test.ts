import { setTimeout as pause } from "node:timers/promises";
import type { Browser, Locator, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { NIGHTLY } from "../nightly.ts";
import {
  barriers,
  openBrowser,
  openPage,
  overflow,
  picture,
  scan,
  textOf,
} from "./support/browser.ts";
import { addPlant, addRelease, firmware, LINE, PRODUCT } from "./support/plant.ts";
import { type Rig, startRig, until } from "./support/rig.ts";
import { startStation, type TestStation } from "./support/station.ts";

const STUCK_BIT = "stuck=0x08001000/255:2";
const ORDER = { number: "WO-20418", product: PRODUCT, version: "2.8.1", quantity: 10 };
const SIZES = [
  [1366, 768],
  [1024, 600],
  [1920, 1080],
] as const;

/** Width of the size at which axe looks also in `npm test`. */
const SMALLEST = 1024;

const nest = (page: Page, name: string): Locator => page.locator(`[data-nest="${name}"]`);
const inState = (page: Page, name: string, state: string): Promise<void> =>
  page.locator(`[data-nest="${name}"][data-state="${state}"]`).waitFor({ timeout: 40_000 });

/** Types as a scanner does that is set to ALT codes: each character as its number on the keypad, Enter too. */
async function scanByAltCodes(page: Page, text: string): Promise<void> {
  for (const char of `${text}\r`) {
    await page.keyboard.down("Alt");
    for (const digit of String(char.charCodeAt(0)).padStart(4, "0")) {
      await page.keyboard.press(`Numpad${digit}`);
    }
    await page.keyboard.up("Alt");
  }
}

describe("the station page in a browser, on a real agent", () => {
  let rig: Rig;
  let station: TestStation;
  let browser: Browser;
  let page: Page;
  let problems: string[];
  let url: string;

  beforeAll(async () => {
    [rig, browser] = await Promise.all([startRig(), openBrowser()]);
    await addPlant(rig);
    await addRelease(rig, "2.8.1", 1, firmware(24_000, 1));
    station = await startStation(rig, {
      name: "L3-07",
      line: LINE,
      order: ORDER,
      faults: [STUCK_BIT],
      speed: 3,
      // A unit is busy, and a PASS is shown, for longer than axe looks at the page, also on a busy machine.
      agentSpeed: 1,
    });
    url = `http://127.0.0.1:${station.env["FLASHLINE_PORT"]}/`;
    await until("the station knows its work order", async () => {
      return (await station.view()).workOrder ?? undefined;
    });
    ({ page, problems } = await openPage(browser, `${url}?lang=en`));
    await inState(page, "1", "present");
  });
  afterAll(async () => {
    await browser?.close();
    await station?.close();
    await rig?.close();
  });

  it("shows before the scan which nest it will mean, and what it works on", async () => {
    await nest(page, "1").getByText("NEXT SCAN").waitFor();
    expect(await nest(page, "2").getByText("NEXT SCAN").count()).toBe(0);
    expect(await page.getByRole("textbox").getAttribute("placeholder")).toBe(
      "Scan the unit in nest 1",
    );
    const header = await textOf(page.locator("header"));
    expect(header).toContain("WO-20418");
    expect(header).toContain("2.8.1");
    expect(header).toContain("VIRTUAL");
  });

  it("hears a scanner wherever the focus is, and always takes the focus back", async () => {
    const field = page.getByRole("textbox");
    const focused = () => field.evaluate((element) => element === document.activeElement);
    expect(await focused()).toBe(true);
    await page.locator("aside h2").click();
    await until("the field has the focus again", async () =>
      (await focused()) ? true : undefined,
    );
    await page.getByRole("button", { name: /Sound/ }).focus();
    await scan(page, "MC2-000001");
    await inState(page, "1", "ready");
    expect(await textOf(nest(page, "1"))).toContain("MC2-000001");
    expect([await focused(), await field.inputValue()]).toEqual([true, ""]);
  });

  it("starts by one key, shows progress, and fills the nest with the verdict", async () => {
    await scanByAltCodes(page, "MC2-000002");
    await inState(page, "2", "ready");
    expect(await textOf(page.getByRole("button", { name: /^START/ }))).toContain("Nests 1, 2");
    await pause(400);
    await page.keyboard.press("Space");
    await nest(page, "1").getByRole("progressbar").waitFor();
    // A PASS is shown for some seconds only: it is waited for while axe looks.
    const pass = page
      .locator('[data-nest="1"][data-state="pass"]')
      .textContent({ timeout: 40_000 });
    expect(await barriers(page)).toEqual([]);
    await picture(page, "station-busy");
    const passed = await pass;
    await inState(page, "2", "fail");
    await picture(page, "station-pass-fail");
    expect(passed).toContain("PASS");
    expect(passed).toContain("Take it out");
    const failed = await textOf(nest(page, "2"));
    expect(failed).toContain("FAIL");
    expect(failed).toContain("Put in the red bin. Call the lead.");
    expect(failed).toContain("flash.");
    expect(await nest(page, "2").locator("svg").count()).toBe(1);
  });

  it("is readable from three metres and usable with gloves at every size", async () => {
    for (const [width, height] of SIZES) {
      await page.setViewportSize({ width, height });
      const sizes = await page.evaluate(() => {
        const words = [...document.querySelectorAll(".pass .word, .fail .word")];
        const targets = [...document.querySelectorAll(".start, .field, .lead, .whole")];
        const cut = [...document.querySelectorAll(".nest .word, .nest .order")].filter(
          (element) => element.scrollWidth > element.clientWidth + 1,
        );
        return {
          words: words.map((word) => Number.parseFloat(getComputedStyle(word).fontSize)),
          targets: targets.map((target) => target.getBoundingClientRect().height),
          cut: cut.map((element) => element.textContent),
        };
      });
      expect(sizes.words.length).toBeGreaterThanOrEqual(1);
      expect(Math.min(...sizes.words), `${width}×${height}`).toBeGreaterThanOrEqual(80);
      expect(Math.min(...sizes.targets), `${width}×${height}`).toBeGreaterThanOrEqual(71.5);
      expect(sizes.cut).toEqual([]);
      expect(await overflow(page)).toBe(0);
      if (!NIGHTLY && width !== SMALLEST) continue;
      expect(await barriers(page), `${width}×${height}`).toEqual([]);
      await picture(page, `station-${width}x${height}`);
    }
    await page.setViewportSize({ width: 1366, height: 768 });
  });

  it("keeps a FAIL until it was seen, and refuses a unit that passed before", async () => {
    await scan(page, "FL-OK");
    await page.getByRole("status").getByText("Nest 2: seen.").waitFor();
    await until("the FAIL was acknowledged", async () =>
      (await nest(page, "2").getAttribute("data-state")) === "fail" ? undefined : true,
    );
    await station.replaceUnit("1");
    await inState(page, "1", "present");
    await scan(page, "FL-NEST-1");
    await scan(page, "MC2-000001");
    await inState(page, "1", "refused");
    const refused = await textOf(nest(page, "1"));
    expect(refused).toContain("NOT OK");
    expect(refused).toContain("Already passed. Take it out.");
    expect(await barriers(page)).toEqual([]);
    await picture(page, "station-refused");
    await nest(page, "1").getByRole("button").click();
    await inState(page, "1", "present");
  });

  it("says why a scan did nothing, and speaks other languages when asked", async () => {
    await scan(page, "PALLET-7");
    await page.getByRole("alert").getByText("Wrong label. Scan the unit's own label.").waitFor();
    await scan(page, "4006381333931");
    await page.getByRole("alert").getByText("Shop barcode. Scan the unit's own label.").waitFor();
    await page.keyboard.press("F4");
    await page.getByRole("alert").getByText("EAN-Code. Das Etikett des Teils").waitFor();
    await nest(page, "1").getByText("NÄCHSTER SCAN").waitFor();
    expect(await page.locator("html").getAttribute("lang")).toBe("de");
    expect(await barriers(page)).toEqual([]);
    await picture(page, "station-german");
    for (const language of ["es", "zh-Hans"]) {
      await page.keyboard.press("F4");
      await page.locator(`html[lang="${language}"]`).waitFor();
    }
    await until("the Chinese font is there", async () =>
      (await page.evaluate(() =>
        [...document.fonts].some(
          ({ family, status }) => family.includes("Noto Sans SC") && status === "loaded",
        ),
      ))
        ? true
        : undefined,
    );
    await picture(page, "station-chinese");
    await page.keyboard.press("F4");
    await nest(page, "1").getByText("NEXT SCAN").waitFor();
  });

  it("names a keyboard that is set wrong", async () => {
    await scan(page, "FL-KEYS-aZyQwM:/09");
    await page.getByText("Scanner and keyboard agree.").waitFor();
    // As a German keyboard types it for a scanner that is set to English.
    await scan(page, "FLßKEZSßaYzQwMÖ-09");
    await page.getByRole("alert").getByText("PC is German, scanner English.").waitFor();
    await scan(page, "fl-keys-AzYqWm:/09");
    await page.getByRole("alert").getByText("CAPS LOCK is on.").waitFor();
  });

  it("prints all barcodes of the station on one sheet, and goes back at the end of a scan", async () => {
    await page.getByRole("link", { name: "Barcodes" }).click();
    await page.getByRole("heading", { name: "Barcodes of station L3-07" }).waitFor();
    const codes = page.locator(".sheet img");
    const texts = await codes.evaluateAll((all) => all.map((each) => each.getAttribute("alt")));
    expect(texts).toEqual([
      ...["FL-START", "FL-OK", "FL-CANCEL", "FL-KEYS-aZyQwM:/09"],
      ...["CHECKED", "RESEATED", "REPAIRED", "TRIAL", "OTHER"].map((why) => `FL-WHY-${why}`),
      ...["FL-NEST-1", "FL-NEST-2"],
    ]);
    expect(await barriers(page)).toEqual([]);
    await picture(page, "station-barcodes");
    await scan(page, "MC2-000002");
    await nest(page, "1").waitFor();
  });

  it("says that the server is away, and that it is back", async () => {
    await rig.stopServer();
    await page.locator(".notices .away").getByText("Server away.").waitFor({ timeout: 40_000 });
    expect(await barriers(page)).toEqual([]);
    await picture(page, "station-server-away");
    await rig.startServer();
    await page.locator(".notices .away").waitFor({ state: "detached", timeout: 40_000 });
  });

  it("leaves nothing to believe when the agent is gone, and comes back by itself", async () => {
    expect(problems).toEqual([]);
    await page.locator("aside .tag.p").first().waitFor();
    await station.endAgent("SIGKILL");
    await page.getByRole("alert").getByText("No connection").waitFor();
    expect(await page.locator(".nest, .tag").count()).toBe(0);
    expect(await textOf(page.locator("body"))).not.toContain("PASS");
    const style = await page
      .locator(".page")
      .evaluate((element) => getComputedStyle(element).filter);
    expect(style).toBe("grayscale(1)");
    expect(await barriers(page)).toEqual([]);
    await picture(page, "station-lost");
    await station.startAgent();
    await inState(page, "1", "present");
  });
});
