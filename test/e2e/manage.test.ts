import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import {
  createClient,
  PROTOCOL,
  PROTOCOL_HEADER,
  type TokenScope,
  VERSION_HEADER,
} from "@flashline/contract";
import { formatPublicKey, generateKeyPair } from "@flashline/signing";
import type { Browser, Locator, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { NIGHTLY } from "../nightly.ts";
import { barriers, openBrowser, openPage, overflow, picture, textOf } from "./support/browser.ts";
import { addUser } from "./support/people.ts";
import { addRelease, firmware } from "./support/plant.ts";
import { type Rig, startRig, until } from "./support/rig.ts";

const SIZES = [
  [1366, 768, false],
  [1920, 1080, true],
  [390, 844, false],
] as const;
const ADDRESSES = [
  ...["/alarms", "/alarms/rules", "/releases", "/exceptions", "/work-orders", "/work-orders/WO-1"],
  ...["/stations", "/stations/L3-01", "/products", "/products/MC-2", "/people", "/people/olaf"],
  ...[
    "/account",
    "/badges",
    "/keys",
    "/tokens",
    "/audit",
    "/settings",
    "/settings/mail",
    "/settings/webhooks",
  ],
];
/** Axe takes its time: at night every page at every size, else each page at one size. */
const isExamined = (page: number, size: number): boolean => NIGHTLY || page % SIZES.length === size;
const ADMIN_SCOPES: readonly TokenScope[] = ["read", "people:write", "feed:read", "webhooks:write"];

describe("a plant that is set up and run from the pages alone", () => {
  let rig: Rig;
  let api: Rig["api"];
  let browser: Browser;
  let page: Page;
  let problems: string[];

  beforeAll(async () => {
    [rig, browser] = await Promise.all([startRig(), openBrowser()]);
    const [login, token] = await Promise.all([
      addUser(rig, "anna", "admin"),
      rig.addToken("admin", ADMIN_SCOPES),
    ]);
    const headers = () => ({ authorization: `Bearer ${token}` });
    api = createClient<AbortSignal>({ baseUrl: rig.url, fetch, headers });
    ({ page, problems } = await openPage(browser, `${rig.url}/settings`));
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
  const open = async (address: string): Promise<void> => {
    await page.goto(rig.url + address);
    await page.locator("main h1").waitFor();
  };
  /** Opens a deed's dialog. */
  const ask = async (name: string, within: Locator = main()): Promise<void> => {
    await within.getByRole("button", { name, exact: true }).click();
    await dialog().waitFor();
  };
  const fill = (fields: Readonly<Record<string, string>>) =>
    Object.entries(fields).reduce(
      (before, [label, value]) => before.then(() => dialog().getByLabel(label).first().fill(value)),
      Promise.resolve(),
    );
  /** Does it, and waits until the server has answered for it. */
  const act = async (name: string, says?: string | RegExp): Promise<void> => {
    await dialog().getByRole("button", { name, exact: true }).click();
    if (says !== undefined) await page.locator(".done-note").getByText(says).waitFor();
  };

  it("adds a plant with shifts, and a line", async () => {
    await main().getByText("No plants yet.").waitFor();
    await ask("Add a plant");
    await fill({ Name: "Graz", "Time zone": "Europe/Vienn", Shifts: "early 6:00-14:00" });
    await act("Add Graz");
    await dialog().getByText("Europe/Vienn is not an IANA time zone.").waitFor();
    await fill({ "Time zone": "Europe/Vienna" });
    await act("Add Graz", "Plant Graz was added.");
    await ask("Add a line");
    await fill({ Name: "L".repeat(121) });
    await dialog().locator("button[type=submit]").click();
    await dialog().getByText("Use at most 120 characters.").waitFor();
    await fill({ Name: "L3" });
    await act("Add L3", "Line L3 was added.");
    // What is there already is not said to have been added.
    await ask("Add a line");
    await fill({ Name: "L3" });
    await dialog().getByText("There is a line L3 already.").waitFor();
    expect(await dialog().getByRole("button", { name: "Add L3" }).isDisabled()).toBe(true);
    await page.keyboard.press("Escape");
    await ask("Time and shifts");
    await fill({ Shifts: "early 06:00-14:00\nlate 14:00-22:00", Reason: "two shifts now" });
    await act("Change them", "Graz has another clock.");
    const [plant] = (await api("plants", {})).body;
    expect(plant).toMatchObject({ name: "Graz", timeZone: "Europe/Vienna", lines: ["L3"] });
    expect(plant?.shifts.map(({ start }) => start)).toEqual(["06:00", "14:00"]);
  });

  it("adds a product whose pattern is tried before, with numbers and a limit", async () => {
    await open("/products");
    await ask("Add a product");
    await fill({ Name: "MC-2", Chip: "STM32F407", "Serial pattern": "MC2-[0-9" });
    const add = dialog().getByRole("button", { name: "Add MC-2" });
    expect(await add.isDisabled()).toBe(true);
    await fill({ "Serial pattern": "MC2-[0-9]{6}", "Try a label": "mc2-00001" });
    await dialog().getByText("does not match: it would be refused.").waitFor();
    await fill({ "Try a label": " mc2-000001" });
    await dialog().getByText("is a serial of this product.").waitFor();
    await dialog().getByLabel("Which serials may be flashed").selectOption("pattern");
    expect(await barriers(page)).toEqual([]);
    await picture(page, "manage-product");
    await act("Add MC-2", "Product MC-2 was added.");
    await main().getByRole("link", { name: "MC-2" }).click();
    await ask("Add a range");
    await fill({ Field: "mac", First: "0x70b3d5123000", Last: "0x70b3d51230ff" });
    await dialog().getByLabel("Kind").selectOption("mac");
    await act("Add the range", "256 numbers were added to mac.");
    await ask("Retest limit");
    await fill({ Failures: "2", Reason: "costly boards" });
    await act("Set the limit", "A lead is asked after 2 failures");
    const [product] = (await api("products", {})).body;
    const expected = { name: "MC-2", serialPattern: "MC2-[0-9]{6}", registration: "pattern" };
    expect(product).toMatchObject({ ...expected, retestLimit: 2 });
    expect((await api("ranges", {})).body).toMatchObject([{ name: "mac", left: 256 }]);
  });

  it("adds a station, shows the command, and sees the PC come", async () => {
    await open("/stations");
    await ask("Add a station");
    await fill({ Name: "L3-01", Nests: "2" });
    await act("Add it and show the command");
    await dialog().getByText("Waiting for this PC …").waitFor();
    const command = await textOf(dialog().locator("pre").first());
    expect(command).toContain(`--server ${rig.url}`);
    expect(command).toContain("--nest 2=PORT-2");
    await picture(page, "manage-enrol");
    const token = /--token (\S+)/.exec(command)?.[1] ?? "";
    const agent = createClient<AbortSignal>({
      baseUrl: rig.url,
      fetch,
      headers: () => ({ [PROTOCOL_HEADER]: String(PROTOCOL), [VERSION_HEADER]: "0.1.0" }),
    });
    const nests = ["1", "2"].map((name) => ({ name, portPath: `1-${name}` }));
    const pc = { machine: "pc-1", hostname: "pc-1", nests };
    const { body } = await agent("enroll", { body: { token, ...pc } });
    await dialog().getByText("Enrolled. Waiting for its first sign of life …").waitFor();
    await tellStatus(rig, body.credential);
    await dialog().getByText("L3-01 is connected.").waitFor();
    await act("Close");
    await main().getByRole("link", { name: "L3-01" }).click();
    const nest = main().getByRole("row").filter({ hasText: "1-2" });
    await ask("Switch off", nest);
    await dialog().getByText("1 nest takes no more units.").waitFor();
    await fill({ Reason: "pogo pin is bent" });
    await act("Switch off", "L3-01/2 takes no more units.");
    await nest.getByText("pogo pin is bent").waitFor();
    expect((await api("holds", {})).body).toMatchObject([{ kind: "nest", name: "L3-01/2" }]);
    await ask("Switch on", nest);
    await fill({ Reason: "new pin" });
    await act("Switch on", "L3-01/2 takes units again.");
    expect((await api("holds", {})).body).toEqual([]);
  });

  it("makes a work order, loads its list with a bad row, and changes it while it runs", async () => {
    await addRelease(rig, "2.8.1", 1, firmware(8000, 1));
    await open("/work-orders");
    await ask("Add a work order");
    await fill({ Number: "WO-1", Units: "5" });
    await dialog().getByLabel("Product").selectOption("MC-2");
    await dialog().getByLabel("Release").selectOption("version 2.8.1");
    await act("Add WO-1", "WO-1 was added: 5 units of MC-2, at no station yet.");
    await main().getByRole("link", { name: "WO-1" }).click();
    await ask("Load serials");
    const file = join(rig.folder, "serials.csv");
    await writeFile(file, "serial;batch\nMC2-000001;LOT-1\nMC3-1;LOT-1\nMC2-000002;\n");
    const choose = page.waitForEvent("filechooser");
    await dialog().getByLabel("File").click();
    await (await choose).setFiles(file);
    await act("Load 3 serials");
    await dialog().getByText("1 bad row").waitFor();
    await dialog().getByRole("cell", { name: "MC3-1", exact: true }).waitFor();
    await dialog().getByLabel("Take the good rows even when others are bad").check();
    await act("Load 3 serials", "2 units added, 0 were known, 1 left out.");
    await act("Close");
    await ask("Put at stations");
    await dialog().getByLabel("Stations").click();
    await page.getByRole("option", { name: "L3-01" }).click();
    await page.keyboard.press("Escape");
    await act("Put it there", "WO-1 is in the queue of L3-01.");
    await ask("Quantity");
    await fill({ Units: "8" });
    await act("Set it to 8", "WO-1 is for 8 units.");
    expect((await api("workOrder", { params: { id: "WO-1" } })).body).toMatchObject({
      quantity: 8,
      version: "2.8.1",
      state: "open",
      queue: [{ station: "L3-01", priority: 100, active: true }],
    });
    expect((await api("units", { query: { search: "MC2" } })).body).toHaveLength(2);
    await ask("Close");
    await act("Close WO-1", "WO-1 is closed.");
    await ask("Reopen");
    await fill({ Reason: "three more" });
    await act("Reopen WO-1", "WO-1 is open again.");
    expect((await api("workOrder", { params: { id: "WO-1" } })).body.state).toBe("open");
  });

  it("adds people, a badge, a key, and a token whose secret is shown once and works", async () => {
    await open("/people");
    await ask("Add a person");
    await fill({ Name: "olaf" });
    await act("Add olaf", "olaf was added. Give them a badge.");
    await main().getByRole("link", { name: "olaf" }).click();
    await ask("Give a badge");
    await dialog().locator("input[type=password]").fill("FL-BADGE-00417");
    await fill({ Reason: "first day" });
    await act("Give it", "olaf has a badge.");
    expect((await api("badges", {})).body).toMatchObject([{ person: "olaf", endedAs: null }]);
    await open("/keys");
    await ask("Trust a key");
    await fill({ Name: "next year", "Public key": formatPublicKey(generateKeyPair().publicKey) });
    await act("Trust it", "is trusted.");
    expect((await api("keys", {})).body.map(({ name }) => name)).toContain("next year");
    await open("/tokens");
    await ask("Make a token");
    await fill({ Name: "mes" });
    await dialog().getByLabel("orders:write").check();
    await dialog().getByRole("checkbox", { name: "read", exact: true }).check();
    expect(await barriers(page)).toEqual([]);
    await act("Make it");
    const secret = (await textOf(dialog().locator("pre").first())).trim();
    const answer = await fetch(`${rig.url}/v1/products`, {
      headers: { authorization: `Bearer ${secret}` },
    });
    expect(answer.status).toBe(200);
    await act("I have it");
    expect(await textOf(page.locator("body"))).not.toContain(secret);
    await ask("Revoke", main().getByRole("row").filter({ hasText: "mes" }));
    await fill({ Reason: "was in a log" });
    await act("Revoke it", "Token mes opens nothing any more.");
  });

  it("tries an alarm rule on the past before it is changed", async () => {
    // The disk of the machine on which this runs may be nearly full.
    await rig.api("setAlarmRule", {
      params: { rule: "disk.low" },
      body: { enabled: false, reason: "another matter" },
    });
    await open("/alarms");
    await main().getByText("No alarm is open.").first().waitFor();
    await open("/alarms/rules");
    await ask("Change", main().getByRole("row").filter({ hasText: "failures.row" }));
    // A field that was emptied is no number, and may be filled anew.
    await fill({ "in one nest": "" });
    const trial = dialog().getByRole("button", { name: "Try on the last 14 days" });
    expect(await trial.isDisabled()).toBe(true);
    await fill({ "in one nest": "4" });
    await dialog().getByRole("button", { name: "Try on the last 14 days" }).click();
    await dialog().getByText("These settings would have raised 0 alarms").waitFor();
    await fill({ Reason: "new boards" });
    await act("Set the rule", "failures.row is on.");
    const rules = (await api("alarmRules", {})).body;
    expect(rules.find(({ rule }) => rule === "failures.row")?.settings["nest"]).toBe(4);
  });

  it("keeps a webhook's secret to the one time that it is shown", async () => {
    await open("/settings/webhooks");
    await ask("Add a webhook");
    await fill({ Name: "chat", Address: "https://chat.plant.example/hook" });
    await dialog().getByLabel("Events").fill("alarm.*");
    await page.getByRole("option", { name: "alarm.*" }).click();
    await page.keyboard.press("Escape");
    await act("Add it");
    expect(await textOf(dialog().locator("pre").first())).toContain("whsec_");
    await act("I have it");
    expect((await api("webhooks", {})).body).toMatchObject([{ name: "chat", kinds: ["alarm.*"] }]);
  });

  it("shows who changed what and why, in a chain that was worked out anew", async () => {
    await open("/audit?kind=order.quantity-changed");
    await main()
      .getByText(/^Verified up to event/)
      .waitFor();
    const event = main().getByRole("listitem").filter({ hasText: "WO-1" });
    await event.getByText("WO-1").first().click();
    await event.getByRole("row").filter({ hasText: "quantity" }).waitFor();
    expect(await textOf(event.getByRole("row").filter({ hasText: "quantity" }))).toBe("quantity58");
    expect(await textOf(event)).toContain("anna");
    const download = page.waitForEvent("download");
    await main().getByRole("button", { name: "CSV" }).click();
    expect((await download).suggestedFilename()).toBe("audit.csv");
  });

  it("offers a lead only what a lead may do", async () => {
    const login = await addUser(rig, "petra", "operator-lead");
    const lead = await openPage(browser, `${rig.url}/stations/L3-01`);
    await lead.page.locator("input[name=username]").fill(login.name);
    await lead.page.locator("input[name=password]").fill(login.password);
    await lead.page.keyboard.press("Enter");
    const acts = lead.page.locator(".head-acts");
    await acts.getByRole("button", { name: "Pause" }).waitFor();
    expect(await acts.getByRole("button", { name: "Revoke" }).count()).toBe(0);
    const navigation = lead.page.getByRole("navigation");
    expect(await navigation.getByRole("link", { name: "Audit" }).count()).toBe(0);
    expect(await navigation.getByRole("link", { name: "People" }).count()).toBe(1);
    await navigation.getByRole("link", { name: "your account" }).click();
    await lead.page.getByRole("main").getByText("this one").waitFor();
    await lead.page.getByRole("main").getByRole("button", { name: "Change your password" }).click();
    const form = lead.page.getByRole("dialog");
    await form.getByLabel("Password until now").fill("not it");
    await form.getByLabel("New password").fill("correct horse battery");
    await form.getByLabel("The new one again").fill("correct horse battery");
    await form.getByRole("button", { name: "Change it" }).click();
    await form.getByText("Check name and password.").waitFor();
    await form.getByLabel("Password until now").fill(login.password);
    await form.getByRole("button", { name: "Change it" }).click();
    await lead.page.getByText("You have another password.").waitFor();
    await lead.page.context().close();
  });

  it("fits every size, light and dark, with one heading a page", async () => {
    for (const [pageIndex, address] of ADDRESSES.entries()) {
      await open(address);
      for (const [sizeIndex, [width, height, dark]] of SIZES.entries()) {
        if (!isExamined(pageIndex, sizeIndex)) continue;
        await page.setViewportSize({ width, height });
        await page.emulateMedia({ colorScheme: dark ? "dark" : "light", reducedMotion: "reduce" });
        await page.locator("main .loading").first().waitFor({ state: "detached" });
        expect(await overflow(page), `${address} at ${width}`).toBeLessThanOrEqual(0);
        expect(await page.locator("h1").count(), address).toBe(1);
        expect(await page.getByRole("alert").count(), address).toBe(0);
        expect(await barriers(page), `${address} at ${width}`).toEqual([]);
        await picture(page, `manage${address.replaceAll("/", "-")}-${width}`);
      }
    }
    expect(problems).toEqual([]);
  });
});

/** A sign of life of the station's agent. */
async function tellStatus({ url }: Rig, credential: string): Promise<void> {
  const agent = createClient<AbortSignal>({
    baseUrl: url,
    fetch,
    headers: () => ({
      authorization: `Bearer ${credential}`,
      [PROTOCOL_HEADER]: String(PROTOCOL),
      [VERSION_HEADER]: "0.1.0",
    }),
  });
  const nothing = { serial: null, phase: null, fraction: null, code: null };
  const nests = ["1", "2"].map((name) => ({ name, state: "empty", ...nothing }));
  await until("the station is heard of", async () => {
    const { status } = await agent("status", { body: { nests, queuedResults: 0 } });
    return status === 200 ? true : undefined;
  });
}
