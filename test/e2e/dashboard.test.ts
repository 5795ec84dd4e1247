import { createHash } from "node:crypto";
import { readFile } from "node:fs/promises";
import { signMinisig } from "@flashline/signing";
import type { Browser, Locator, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { NIGHTLY } from "../nightly.ts";
import { barriers, openBrowser, openPage, overflow, picture, textOf } from "./support/browser.ts";
import { addUser, type Login } from "./support/people.ts";
import { addPlant, addRelease, firmware, LINE, PRODUCT, unitOf } from "./support/plant.ts";
import { type Rig, startRig, until } from "./support/rig.ts";
import { startStation, type TestStation } from "./support/station.ts";

const ORDER = { number: "WO-20418", product: PRODUCT, version: "2.8.1", quantity: 10 };
const SIZES = [
  [1366, 768, false],
  [1920, 1080, true],
  [390, 844, false],
] as const;

const PAGES = [
  ...["Line", "Yield", "Hosts", "Units", "Attempts"],
  ...["Releases", "Work orders", "Stations"],
];
/** Axe takes its time: at night every page at every size, else each page at one size and each size with some pages. */
const isExamined = (page: number, size: number): boolean => NIGHTLY || page % SIZES.length === size;

describe("the dashboard in a browser, on a real server", () => {
  let rig: Rig;
  let station: TestStation;
  let browser: Browser;
  let login: Login;
  let page: Page;
  let problems: string[];
  /** Addresses of one unit, one attempt and one release. */
  const details: string[] = [];

  beforeAll(async () => {
    [rig, browser] = await Promise.all([startRig(), openBrowser()]);
    await addPlant(rig);
    await addRelease(rig, "2.8.1", 1, firmware(8000, 1));
    login = await addUser(rig, "erika", "engineer");
    station = await startStation(rig, {
      name: "L3-07",
      line: LINE,
      order: ORDER,
      faults: ["stuck=0x08001000/255:2"],
    });
    await until("the station knows its work order", async () => {
      return (await station.view()).workOrder ?? undefined;
    });
    ({ page, problems } = await openPage(browser, `${rig.url}/units?state=failed`));
  });
  afterAll(async () => {
    await browser?.close();
    await station?.close();
    await rig?.close();
  });

  const go = async (name: string): Promise<void> => {
    const opener = page.getByRole("button", { name: "Open the navigation" });
    if (await opener.isVisible()) await opener.click();
    await page
      .getByRole("navigation")
      .getByRole("link", { name: new RegExp(`^${name}`) })
      .click();
  };
  const main = (): Locator => page.locator("main");

  it("lets nobody in with a wrong password, and goes on where it was asked to with a right one", async () => {
    await page.locator("input[name=username]").fill(login.name);
    await page.locator("input[name=password]").fill("not it");
    await picture(page, "login");
    await page.getByRole("button", { name: "Log in" }).click();
    const refusal = page.getByRole("alert");
    await refusal.getByText("Check name and password.").waitFor();
    expect(await textOf(refusal)).toContain("auth.wrong");
    expect(await barriers(page)).toEqual([]);
    await page.locator("input[name=password]").fill(login.password);
    await page.keyboard.press("Enter");
    await page.getByRole("heading", { name: "Units", level: 1 }).waitFor();
    expect(page.url()).toBe(`${rig.url}/units?state=failed`);
    await main().getByText("No unit matches.").waitFor();
  });

  it("is friendly where there is nothing yet", async () => {
    await go("Yield");
    await main().getByText("No attempts today yet.").waitFor();
    await go("Hosts");
    await main().getByText("No host has flashed a unit yet.").waitFor();
    await go("Attempts");
    await main().getByText("No attempts yet.").waitFor();
    await picture(page, "empty");
  });

  it("says that there is no such unit, whatever the address names", async () => {
    for (const id of ["MC2-000001", "01a20374-f59e-75d7-857a-6e9a0df5e633"]) {
      await page.goto(`${rig.url}/units/${id}`);
      await main().getByText("There is no such unit.").waitFor();
      expect(await page.getByRole("alert").count()).toBe(0);
    }
    expect(await barriers(page)).toEqual([]);
    await picture(page, "no-such-unit");
  });

  it("shows an attempt as it comes, without being asked again", async () => {
    await go("Yield");
    await main().getByText("No attempts today yet.").waitFor();
    const loads: string[] = [];
    page.on("load", () => loads.push(page.url()));
    expect(await station.flash("1", "MC2-000001")).toMatchObject({ state: "pass" });
    await main().getByText("The one unit passed at the first try.").waitFor();
    expect(await textOf(main())).toContain("virtual units");
    expect(await textOf(main())).toContain("too few to say");
    await go("Attempts");
    const row = main().getByRole("row").filter({ hasText: "MC2-000001" });
    await row.getByText("PASS").waitFor();
    expect(await textOf(row)).toContain("virtual");
    expect(loads).toEqual([]);
  });

  it("follows the nests of the stations", async () => {
    await go("Stations");
    const card = page.getByRole("article", { name: "Station L3-07" });
    await card.getByText("Connected").waitFor();
    await card.getByText("WO-20418").waitFor();
    await station.flash("2", "MC2-000002");
    await card.locator(".nest-tile.fail").getByText("FAIL").waitFor();
    expect(await textOf(card)).toContain("MC2-000002");
    await picture(page, "stations");
  });

  it("tells a unit's story from a search to its evidence, with addresses that can be shared", async () => {
    await until("the failure is on record", async () => {
      const unit = await unitOf(rig, "MC2-000002");
      return unit?.state === "failed" && unit.history[0]?.transcript !== null ? unit : undefined;
    });
    await go("Units");
    await page.getByRole("searchbox").fill("000002");
    await page.waitForURL(/search=/);
    await page.reload();
    expect(await page.getByRole("searchbox").inputValue()).toBe("000002");
    const found = main().getByRole("row").filter({ hasText: "MC2-000002" });
    await found.getByText("flash.verify_mismatch").waitFor();
    await main().getByRole("link", { name: "MC2-000002" }).click();
    await page.getByRole("heading", { name: "Unit MC2-000002" }).waitFor();
    await main().getByRole("button", { name: "Evidence" }).click();
    await main().getByText("What was done").waitFor();
    details.push(page.url());
    expect(await barriers(page)).toEqual([]);
    await picture(page, "unit");
    await main().getByRole("link", { name: "Attempt 1" }).click();
    await page.getByRole("heading", { name: "Attempt at MC2-000002" }).waitFor();
    const story = await textOf(main());
    expect(story).toContain("The content read back is not what the unit is to hold.");
    // What the station says to its operator is of no use to an engineer.
    expect(story).not.toContain("Call the lead.");
    expect(story).toContain("STM32F407");
    expect(story).toContain("flash.");
    details.push(page.url());
    const download = page.waitForEvent("download");
    await main().getByRole("link", { name: "Transcript for Wireshark" }).click();
    const file = await readFile(await (await download).path());
    expect(file.subarray(0, 4)).toEqual(Buffer.from([0x0a, 0x0d, 0x0d, 0x0a]));
  });

  it("says of a host with few units that it cannot say anything", async () => {
    await go("Hosts");
    const row = main().getByRole("row").filter({ hasText: "2 UNITS" });
    await row.waitFor({ timeout: 30_000 });
    expect(await row.getAttribute("class")).toContain("few");
    await main().getByText("No host can be judged yet.").waitFor();
  });

  it("promotes and revokes a release only after a second question, with the reason kept", async () => {
    const id = await draft(rig);
    await go("Releases");
    const row = main().getByRole("row").filter({ hasText: "2.9.0" });
    await row.getByRole("button", { name: "Promote" }).click();
    await page.getByRole("dialog").getByRole("button", { name: "Promote 2.9.0" }).click();
    await row.getByText("Released").waitFor();
    await row.getByRole("button", { name: "Revoke" }).click();
    const revoke = page.getByRole("dialog").getByRole("button", { name: "Revoke 2.9.0" });
    expect(await revoke.isDisabled()).toBe(true);
    await page.getByLabel("Reason").fill("Motor stalls at cold start");
    expect(await barriers(page)).toEqual([]);
    await picture(page, "revoke");
    await revoke.click();
    await row.getByText("Revoked").waitFor();
    await row.getByRole("link", { name: "2.9.0" }).click();
    await page.getByRole("heading", { name: /2\.9\.0/, level: 1 }).waitFor();
    details.push(page.url());
    const { body } = await rig.api("release", { params: { id } });
    expect(body).toMatchObject({
      state: "revoked",
      revokedReason: "Motor stalls at cold start",
    });
  });

  it("fits every size, light and dark, with one heading a page and no word of green", async () => {
    for (const [sizeIndex, [width, height, dark]] of SIZES.entries()) {
      await page.setViewportSize({ width, height });
      await page.emulateMedia({ colorScheme: dark ? "dark" : "light", reducedMotion: "reduce" });
      for (const [pageIndex, name] of PAGES.entries()) {
        await go(name);
        await page.locator("main h1").waitFor();
        await page.locator("main .loading").first().waitFor({ state: "detached" });
        expect(await overflow(page), `${name} at ${width}`).toBeLessThanOrEqual(0);
        expect(await page.locator("h1").count()).toBe(1);
        expect(await greens(page), name).toEqual([]);
        if (!isExamined(pageIndex, sizeIndex)) continue;
        expect(await barriers(page), `${name} at ${width}`).toEqual([]);
        await picture(
          page,
          `${name.toLowerCase().replace(" ", "-")}-${width}${dark ? "-dark" : ""}`,
        );
      }
    }
    for (const [pageIndex, address] of details.entries()) {
      await page.goto(address);
      for (const [sizeIndex, [width, height, dark]] of SIZES.entries()) {
        await page.setViewportSize({ width, height });
        await page.emulateMedia({ colorScheme: dark ? "dark" : "light", reducedMotion: "reduce" });
        await page.locator("main .card").first().waitFor();
        expect(await overflow(page), `${address} at ${width}`).toBeLessThanOrEqual(0);
        if (!isExamined(pageIndex, sizeIndex)) continue;
        expect(await barriers(page), `${address} at ${width}`).toEqual([]);
      }
    }
    await page.emulateMedia({ colorScheme: "light", reducedMotion: "reduce" });
    await page.setViewportSize({ width: 1366, height: 768 });
    expect(problems).toEqual([]);
  });

  it("says that it is not live when the server is gone, and catches up when it is back", async () => {
    await go("Work orders");
    await main().getByText("1 of 10", { exact: true }).waitFor();
    await main().getByRole("button", { name: "Close" }).click();
    await page.getByRole("dialog").getByText("Close this work order?").waitFor();
    expect(await barriers(page)).toEqual([]);
    await page.keyboard.press("Escape");
    await page.getByRole("dialog").waitFor({ state: "detached" });
    await rig.stopServer();
    await page.getByText("Not live since").waitFor({ timeout: 20_000 });
    expect(await barriers(page)).toEqual([]);
    await main().getByText("1 of 10", { exact: true }).waitFor();
    await picture(page, "not-live");
    await rig.startServer();
    await page.getByText("Not live since").waitFor({ state: "detached", timeout: 40_000 });
  });

  it("logs out, and then shows nothing any more", async () => {
    await page.getByRole("navigation").getByRole("button", { name: "Log out" }).click();
    await page.getByRole("button", { name: "Log in" }).waitFor();
    expect(await textOf(page.locator("body"))).not.toContain("WO-20418");
  });
});

/** A release that was checked and waits for somebody to promote it. */
async function draft({ api, secretKey }: Rig): Promise<string> {
  const image = firmware(9000, 9);
  await api("uploadImage", { body: image });
  const manifest = Buffer.from(
    JSON.stringify({
      schema: 1,
      product: PRODUCT,
      chip: "STM32F407",
      version: "2.9.0",
      counter: 9,
      images: [
        {
          name: "app.bin",
          sha256: createHash("sha256").update(image).digest("hex"),
          size: image.length,
          address: 0x0800_0000,
        },
      ],
    }),
  );
  const signature = signMinisig(manifest, secretKey, { trustedComment: "2.9.0" });
  const { id } = (
    await api("publish", { body: { manifest: manifest.toString("base64"), signature } })
  ).body;
  await until("the release is checked", async () => {
    const { body } = await api("release", { params: { id } });
    return body.check === "passed" ? body : undefined;
  });
  return id;
}

/** Elements whose own colours are greenish: green stands out over both other parts. */
const greens = (page: Page): Promise<readonly string[]> =>
  page.evaluate(() => {
    const isGreen = (colour: string): boolean => {
      const [red = 0, green = 0, blue = 0, alpha = 1] = (colour.match(/[\d.]+/g) ?? []).map(Number);
      return alpha > 0 && green > red + 24 && green > blue + 24;
    };
    return [...document.querySelectorAll("body *")]
      .filter((element) => {
        const style = getComputedStyle(element);
        return [style.color, style.backgroundColor, style.fill, style.stroke].some(isGreen);
      })
      .map((element) => element.outerHTML.slice(0, 120));
  });
