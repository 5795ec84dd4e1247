import { readFile } from "node:fs/promises";
import { join } from "node:path";
import type { Browser } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { barriers, openBrowser, openPage, overflow, picture, textOf } from "./support/browser.ts";
import { addPlant, addRelease, firmware, LINE, PRODUCT } from "./support/plant.ts";
import { AGENT, type Rig, runProcess, startRig, until } from "./support/rig.ts";
import { startStation, type TestStation } from "./support/station.ts";

const ORDER = { number: "WO-30001", product: PRODUCT, version: "2.8.1", quantity: 10 };

describe("nests that are taught at the station", () => {
  let rig: Rig;
  let station: TestStation;
  let browser: Browser;
  let url: string;

  beforeAll(async () => {
    [rig, browser] = await Promise.all([startRig(), openBrowser()]);
    await addPlant(rig);
    await addRelease(rig, "2.8.1", 1, firmware(24_000, 1));
    const options = { name: "L3-09", line: LINE, order: ORDER, nests: 3, taught: true };
    station = await startStation(rig, options);
    url = `http://127.0.0.1:${station.env["FLASHLINE_PORT"]}/`;
    await until("the station knows its order", async () => {
      return (await station.view()).workOrder ?? undefined;
    });
  });
  afterAll(async () => {
    await browser?.close();
    await station?.close();
    await rig?.close();
  });
  const nests = async () =>
    (await station.view()).nests.map(({ name, portPath }) => `${name} ${portPath}`);
  const nest = (...args: string[]) => runProcess(AGENT, ["nest", ...args], station.env);

  it("binds a port to the name that somebody gives it, without an enrollment", async () => {
    const { page, problems } = await openPage(browser, `${url}?nests&lang=en`);
    const port = (name: string) => page.locator(`form[data-port="${name}"]`);
    await port("1-1").waitFor();
    expect(await port("1-1").getByRole("textbox").inputValue()).toBe("1");
    // Enter in the field asks, and does nothing yet.
    await port("1-1").getByRole("textbox").press("Enter");
    await page.getByText("Is nest 1 on port 1-1?").waitFor();
    await picture(page, "station-teach");
    expect(await nests()).toEqual([]);
    await page.getByRole("button", { name: "Yes" }).click();
    await page.locator('li[data-nest="1"]').getByText("Bound to controller and port").waitFor();
    await port("1-2").getByRole("textbox").fill("left");
    await port("1-2").getByRole("button", { name: "Add nest left" }).click();
    await page.getByRole("button", { name: "Yes" }).click();
    await page.locator('li[data-nest="left"]').waitFor();
    expect([await nests(), await overflow(page), problems]).toEqual([["1 1-1", "left 1-2"], 0, []]);
    expect(await barriers(page)).toEqual([]);
    await page.context().close();
  });

  it("flashes in it at once, and the server knows it", async () => {
    expect((await station.flash("1", "MC2-000001")).state).toBe("pass");
    const nestThere = async () => {
      const { body } = await rig.api("attempts", { query: { station: "L3-09" } });
      return body.find(({ serial, outcome }) => serial === "MC2-000001" && outcome !== null)?.nest;
    };
    expect(await until("the server has the result", nestThere)).toBe("1");
  });

  it("keeps the nests over the death of the agent", async () => {
    await station.endAgent("SIGKILL");
    const kept = JSON.parse(await readFile(join(station.dataDir, "nests.json"), "utf8"));
    expect(kept.nests).toContainEqual({
      name: "left",
      portPath: "1-2",
      place: { controller: "0000:00:14.0", ports: "2" },
    });
    await station.startAgent();
    expect(await nests()).toEqual(["1 1-1", "left 1-2"]);
  });

  it("renames and removes from the page after a question; the results stay", async () => {
    const { page } = await openPage(browser, `${url}?nests&lang=en`);
    const row = (name: string) => page.locator(`li[data-nest="${name}"]`);
    await row("left").getByRole("button", { name: "Remove" }).click();
    await page.getByRole("button", { name: "No" }).click();
    expect(await nests()).toHaveLength(2);
    await row("left").getByRole("button", { name: "Rename" }).click();
    await row("left").getByRole("textbox").fill("1");
    await row("left").getByRole("textbox").press("Enter");
    await page.getByRole("button", { name: "Yes" }).click();
    expect(await textOf(page.getByRole("alert"))).toBe("Name is taken. Choose another.");
    await row("left").getByRole("button", { name: "Rename" }).click();
    await row("left").getByRole("textbox").fill("2");
    await row("left").getByRole("button", { name: "Rename" }).click();
    await page.getByRole("button", { name: "Yes" }).click();
    await row("2").waitFor();
    await page.context().close();
    expect(await nests()).toEqual(["1 1-1", "2 1-2"]);
  });

  it("is done from a shell too, while the agent runs and while it does not", async () => {
    const [listed, twice] = [await nest("list"), await nest("add", "1", "1-3")];
    expect(listed.output).toContain("Nest 2 is port 1-2 (controller and port).");
    expect(listed.output).toContain("Port 1-3 has a unit and no nest.");
    expect([twice.code, twice.output]).toEqual([1, expect.stringContaining("nest.name_taken")]);
    expect((await nest("add", "3")).code).toBe(0);
    expect(await nests()).toEqual(["1 1-1", "2 1-2", "3 1-3"]);
    await station.endAgent();
    const usbip = ["--usbip", station.usbip];
    expect((await nest("remove", "3", ...usbip)).code).toBe(0);
    const again = await nest("add", "3b", ...usbip);
    expect(again.output).toContain("Nest 3b is port 1-3 (controller and port).");
    await station.startAgent();
    expect(await nests()).toEqual(["1 1-1", "2 1-2", "3b 1-3"]);
  });
});
