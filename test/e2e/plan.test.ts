import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { createClient } from "@flashline/contract";
import type { Browser, Locator, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { zoneWhereItIs } from "../grown/zone.ts";
import {
  barriers,
  openBrowser,
  openPage,
  overflow,
  picture,
  unprintable,
} from "./support/browser.ts";
import { flashline } from "./support/command.ts";
import { addUser } from "./support/people.ts";
import { MIDDAY } from "./support/plant.ts";
import { type Rig, startRig } from "./support/rig.ts";

const SIZES = [
  [1366, 768],
  [1920, 1080],
  [390, 844],
] as const;

describe("the plan of a line", () => {
  let rig: Rig;
  let api: Rig["api"];
  let token: string;
  let browser: Browser;
  let page: Page;
  let problems: string[];

  beforeAll(async () => {
    [rig, browser] = await Promise.all([startRig(), openBrowser()]);
    const scopes = ["read", "orders:write", "stations:write"] as const;
    const [login, secret] = await Promise.all([
      addUser(rig, "anna", "engineer"),
      rig.addToken("mes", scopes),
    ]);
    token = secret;
    const headers = () => ({ authorization: `Bearer ${token}` });
    api = createClient<AbortSignal>({ baseUrl: rig.url, fetch, headers });
    // Around the clock, so that it is on whenever this runs.
    const shifts = [{ name: "day", start: "00:00", end: "00:00", breaks: [] }];
    await api("addPlant", { body: { name: "Graz", timeZone: zoneWhereItIs(MIDDAY), shifts } });
    for (const name of ["L3", "L4"]) await api("addLine", { body: { name, plant: "Graz" } });
    await api("addStation", { body: { name: "L3-01", line: "L3" } });
    await api("addProduct", { body: { name: "MC-2", chip: "STM32F407" } });
    ({ page, problems } = await openPage(browser, `${rig.url}/`));
    await page.locator("input[name=username]").fill(login.name);
    await page.locator("input[name=password]").fill(login.password);
    await page.keyboard.press("Enter");
  });
  afterAll(async () => {
    await browser?.close();
    await rig?.close();
  });

  const main = (): Locator => page.locator("main");
  const dialog = (): Locator => page.getByRole("dialog");
  const ask = async (name: string, within: Locator = main()): Promise<void> => {
    await within.getByRole("button", { name, exact: true }).click();
    await dialog().waitFor();
  };
  const act = async (name: string, says: string): Promise<void> => {
    await dialog().getByRole("button", { name, exact: true }).click();
    await page.locator(".done-note").getByText(says).waitFor();
  };
  const today = async (): Promise<string> =>
    (await api("pace", { query: { line: "L3" } })).body.shift?.day ?? "";

  it("is asked for where there is none, set on its page, and shown on the line's", async () => {
    await main().getByText("No plan for this shift.").waitFor();
    await main().getByRole("link", { name: "Set one" }).click();
    await ask("Set a plan");
    const day = await today();
    const [first, last] = [
      dialog().locator("input[type=date]").first(),
      dialog().locator("input[type=date]").last(),
    ];
    // A cleared date must not end the page.
    await first.fill("");
    await last.fill("2026-01-01");
    await first.fill(day);
    await dialog().getByText("The last day is before the first one.").waitFor();
    await last.fill(day);
    await dialog().getByLabel("Units").fill("1440");
    await dialog().getByText("a unit every 1 min 00 s of working time").waitFor();
    await dialog().getByLabel("Reason").fill("week 49");
    expect(await barriers(page)).toEqual([]);
    await act("Set it", "1 shift has another plan.");
    await main().getByRole("cell", { name: "whatever is made" }).waitFor();
    const { plan } = (await api("pace", { query: { line: "L3" } })).body;
    expect(plan).toMatchObject({ units: 1_440, made: 0 });
    await page.goto(`${rig.url}/?line=L3&plant=Graz`);
    await main().getByText("/ 1,440").waitFor();
    await main().getByText("should stand at").waitFor();
    await main().getByText("too few units to say", { exact: true }).waitFor();
    await main().getByText("No unit has passed in this shift yet.").waitFor();
  });

  it("is loaded as a list, all of it or with a word for each bad row", async () => {
    await page.goto(`${rig.url}/plans`);
    await ask("Load a list");
    const load = async (name: string, text: string): Promise<void> => {
      const file = join(rig.folder, name);
      await writeFile(file, text);
      await dialog().locator("input[type=file]").setInputFiles(file);
    };
    const day = await today();
    await load(
      "bad.csv",
      `line;day;shift;product;units\nL3;${day};noon;;5\nL4;${day};day;MC-2;7\n`,
    );
    await dialog().getByLabel("Reason").fill("from the MES");
    await dialog().getByRole("button", { name: "Load 2 rows" }).click();
    const why = "There is no shift noon in plant Graz; it has day.";
    await dialog().getByText(why, { exact: true }).waitFor();
    await load("good.csv", `line,day,shift,product,units\nL4,${day},day,MC-2,7\n`);
    await act("Load 1 row", "1 shift has another plan.");
    await main().getByRole("cell", { name: "MC-2 7" }).waitFor();
    const ran = await flashline(["plan", "list", "--line", "L4", "--json"], {
      cwd: rig.folder,
      env: { FLASHLINE_SERVER: rig.url, FLASHLINE_TOKEN: token },
    });
    expect(ran.last).toMatchObject({ event: "plan", line: "L4", product: "MC-2", units: 7 });
  });

  it("fits every screen, without barriers", async () => {
    for (const [width, height] of SIZES) {
      await page.setViewportSize({ width, height });
      for (const address of ["/plans", "/?line=L3&plant=Graz", "/?wall", "/settings"]) {
        await page.goto(rig.url + address);
        await main().locator("h1").waitFor();
        expect(await overflow(page), `${address} at ${width}`).toBeLessThanOrEqual(0);
      }
      expect(await barriers(page)).toEqual([]);
    }
    for (const address of ["/plans", "/?line=L3&plant=Graz"]) {
      await page.goto(rig.url + address);
      await main().locator("h1").waitFor();
      expect(await unprintable(page), address).toEqual([]);
    }
    await page.setViewportSize({ width: 1920, height: 1080 });
    await page.goto(`${rig.url}/?wall`);
    await main().getByText("Made of the plan").waitFor();
    await picture(page, "plan-wall");
  });

  it("stays behind when its station moves and its line is retired", async () => {
    await page.setViewportSize({ width: 1366, height: 768 });
    await page.goto(`${rig.url}/settings`);
    const line = main().getByRole("row").filter({ hasText: "L3" });
    await ask("Retire", line);
    await dialog().getByText("A token waits with which a PC may enroll as station L3-01").waitFor();
    await dialog().getByRole("button", { name: "Keep it" }).click();
    await page.goto(`${rig.url}/stations/L3-01`);
    await ask("Move");
    await dialog().getByText("What it made stays counted at L3.").waitFor();
    await dialog().getByLabel("Reason").fill("L4 gets a place");
    await act("Move it to L4", "L3-01 is in L4 of Graz now.");
    await page.goto(`${rig.url}/settings`);
    await ask("Retire", line);
    await dialog().getByText("It is offered nowhere any more").waitFor();
    await dialog().getByLabel("Reason").fill("rebuilt");
    await act("Retire L3", "L3 is retired. Its history stays.");
    await line.getByText("retired").waitFor();
    expect((await api("lines", {})).body.map(({ name }) => name)).toEqual(["L4"]);
    expect(problems).toEqual([]);
  });
});
