import { setTimeout as pause } from "node:timers/promises";
import type { HostsView } from "@flashline/contract";
import type { Browser, Page, Route } from "playwright-core";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { openBrowser, openPage } from "./support/browser.ts";
import { addUser, type Login } from "./support/people.ts";
import { addPlant, addRelease, firmware, LINE, LISTED_PRODUCT, PRODUCT } from "./support/plant.ts";
import { type Rig, startRig, until } from "./support/rig.ts";
import { startStation, type TestStation } from "./support/station.ts";

const ORDER = { number: "WO-20418", product: PRODUCT, version: "2.8.1", quantity: 50 };
/** Longer than anybody waits here, milliseconds. */
const SLOW_MS = 2500;
/** After so long an answer is no news any more, milliseconds. */
const OLD_MS = 5500;

/** Strokes as close together as a scanner's, wherever the focus is. */
const scanned = (page: Page, line: string): Promise<void> =>
  page.evaluate((text) => {
    for (const key of [...text, "Enter"]) {
      const stroke = new KeyboardEvent("keydown", { key, bubbles: true, cancelable: true });
      (document.activeElement ?? document.body).dispatchEvent(stroke);
    }
  }, line);
/** The server's own answer, changed on its way. */
async function changed(route: Route, change: (body: unknown) => unknown): Promise<void> {
  const response = await route.fetch();
  await route.fulfill({ response, json: change(await response.json()) });
}

/** Answers that come late, or not, and things that change under the hands of who writes. */
describe("the dashboard under hands that are faster than the server", () => {
  let rig: Rig;
  let station: TestStation;
  let browser: Browser;
  let page: Page;
  let problems: string[];
  let login: Login;
  const dialog = () => page.getByRole("dialog");
  const at = (path: string) => page.goto(`${rig.url}${path}`);

  beforeAll(async () => {
    [rig, browser] = await Promise.all([startRig(), openBrowser()]);
    await addPlant(rig);
    await addRelease(rig, "2.8.1", 1, firmware(8000, 1));
    const serials = ["FAN-000002", "FAN-000003"];
    await rig.api("addUnits", { body: { product: LISTED_PRODUCT, serials } });
    login = await addUser(rig, "ada", "admin");
    station = await startStation(rig, { name: "L3-07", line: LINE, order: ORDER });
    await until("the station knows its work order", async () => {
      return (await station.view()).workOrder ?? undefined;
    });
    expect(await station.flash("1", "MC2-000001")).toMatchObject({ state: "pass" });
    ({ page, problems } = await openPage(browser, `${rig.url}/units`));
    // Answers are held back here besides what a busy machine takes for a page.
    page.setDefaultTimeout(60_000);
    await page.locator("input[name=username]").fill(login.name);
    await page.locator("input[name=password]").fill(login.password);
    await page.keyboard.press("Enter");
    await page.getByRole("heading", { name: "Units", level: 1 }).waitFor();
  });
  afterEach(() => page.unrouteAll({ behavior: "ignoreErrors" }));
  afterAll(async () => {
    await browser?.close();
    await station?.close();
    await rig?.close();
  });

  it("shows a saved view as it was saved, whatever stands in the field for serials", async () => {
    await at("/units?state=new");
    await page.getByRole("button", { name: "Views" }).click();
    await page.getByLabel("Save this page with its filters as").fill("never tried");
    await page.getByRole("button", { name: "Save", exact: true }).click();
    await at("/units");
    const field = page.getByLabel("Search by serial");
    await field.fill("MC2");
    await page.waitForURL("**/units?search=MC2");
    await page.getByRole("button", { name: "Views" }).click();
    await page.getByRole("link", { name: "never tried" }).click();
    await page.locator("main").getByText("FAN-000003").waitFor();
    // Longer than it takes until what is typed stands in the address.
    await pause(600);
    expect(page.url()).toBe(`${rig.url}/units?state=new`);
    expect(await field.inputValue()).toBe("");
  });

  it("opens an address of the ledger with a day that is none", async () => {
    await at("/audit?from=yesterday&to=2026-13-45");
    await page.getByRole("heading", { name: "Audit", level: 1 }).waitFor();
    await page.locator("ol.events li").first().waitFor();
  });

  it("keeps what somebody writes beside a scan, beside the search and over the end of the session", async () => {
    await at(`/products/${PRODUCT}`);
    await page.getByRole("button", { name: "Retest limit" }).click();
    const reason = dialog().getByLabel("Reason");
    await until("the first field has the focus", async () => {
      const isFirst = await dialog()
        .getByLabel("Failures")
        .evaluate((field) => field === document.activeElement);
      return isFirst || undefined;
    });
    await reason.fill("Both testers are worn");
    await page.keyboard.press("Control+k");
    await page.getByRole("combobox", { name: "Name or serial" }).waitFor();
    await page.keyboard.press("Escape");
    await page.getByRole("combobox", { name: "Name or serial" }).waitFor({ state: "detached" });
    await dialog().getByRole("button", { name: "Not now" }).focus();
    await scanned(page, "MC2-000001");
    await page.getByRole("option", { name: "MC2-000001" }).waitFor();
    expect(page.url()).toBe(`${rig.url}/products/${PRODUCT}`);
    await page.keyboard.press("Escape");
    expect(await reason.inputValue()).toBe("Both testers are worn");
    await page.context().clearCookies();
    await dialog().getByLabel("Failures").fill("4");
    await dialog().getByRole("button", { name: "Set the limit" }).click();
    await page.getByText("The session of ada has ended.").waitFor();
    expect(await dialog().isVisible()).toBe(false);
    await page.locator("input[name=password]").fill(login.password);
    await page.keyboard.press("Enter");
    await reason.waitFor();
    expect(await reason.inputValue()).toBe("Both testers are worn");
    await dialog().getByRole("button", { name: "Set the limit" }).click();
    await page.getByText("A lead is asked after 4 failures").waitFor();
  });

  it("opens what was scanned last, also when the answer to the scan before comes later", async () => {
    await at("/products");
    await page.getByRole("heading", { name: "Products", level: 1 }).waitFor();
    await page.route(
      ({ searchParams }) => searchParams.get("search") === "FAN-000001",
      async (route) => {
        await pause(SLOW_MS);
        await route.continue();
      },
    );
    await scanned(page, "FAN-000001");
    await scanned(page, "FAN-000002");
    await page.getByRole("heading", { name: "Unit FAN-000002" }).waitFor();
    await pause(SLOW_MS + 500);
    expect(await page.getByRole("heading", { level: 1 }).textContent()).toBe("Unit FAN-000002");
  });

  it("asks about the host about which it began to ask, also when another one gets worse", async () => {
    let worst = "L3-07";
    await page.route("**/v1/hosts", (route) =>
      changed(route, (body) => {
        const view = body as HostsView;
        const [host] = view.hosts;
        if (host === undefined) throw new RangeError("no host");
        const two = ["L3-07", "L3-08"].map((name, index) => ({
          ...host,
          name,
          id: index === 0 ? host.id : host.id.replace(/.$/, "0"),
          verdict: name === worst ? "SUSPECT" : "WATCH",
        }));
        return { ...view, hosts: two };
      }),
    );
    await at("/hosts");
    await page.getByRole("button", { name: "Record a repair" }).click();
    await dialog().getByLabel("Reason").fill("New cable");
    worst = "L3-08";
    // Who comes back to the page after some seconds has it renewed.
    await pause(OLD_MS);
    const answered = page.waitForResponse("**/v1/hosts");
    await page.evaluate(() => window.dispatchEvent(new Event("visibilitychange")));
    await answered;
    await page.locator("tr", { hasText: "L3-08" }).getByText("SUSPECT").waitFor();
    expect(await dialog().getByRole("heading").textContent()).toBe(
      "Record a repair or a swap at L3-07",
    );
    expect(await dialog().getByLabel("Reason").inputValue()).toBe("New cable");
    await dialog().getByRole("button", { name: "Not now" }).click();
  });

  it("says nothing of a choice before it knows, rather than what held for the choice before", async () => {
    await page.route(
      ({ searchParams }) => searchParams.get("profile") === "gentle",
      async (route) => {
        await pause(SLOW_MS);
        await route.continue();
      },
    );
    await at("/hosts");
    await page.locator("table").getByRole("link", { name: "L3-07" }).click();
    await page.getByRole("button", { name: "Set the profile" }).click();
    await dialog().getByText("start as their release says").waitFor();
    await dialog().getByLabel("Units start with").selectOption("gentle");
    await pause(300);
    expect(await dialog().getByText("start as their release says").count()).toBe(0);
    await dialog().getByText("starts with gentle").waitFor();
    await dialog().getByRole("button", { name: "Not now" }).click();
  });

  it("asks once for rows that do not come, and then when somebody wants it", async () => {
    let asked = 0;
    await page.route(
      ({ pathname }) => pathname === "/v1/units",
      async (route) => {
        if (new URL(route.request().url()).searchParams.has("after")) {
          asked += 1;
          await route.fulfill({
            status: 429,
            json: {
              code: "request.too_many",
              blame: "system",
              message: "Too many requests.",
              action: "Wait a moment.",
              requestId: "r",
            },
          });
          return;
        }
        await changed(route, (body) => {
          const [unit] = body as { id: string }[];
          return Array.from({ length: 100 }, (_, at) => ({
            ...unit,
            id: `${unit?.id.slice(0, -3)}${100 + at}`,
          }));
        });
      },
    );
    await at("/units");
    await page.locator("main tbody tr").nth(5).waitFor();
    await page.mouse.move(600, 500);
    await page.mouse.wheel(0, 100_000);
    await page.getByText("The next rows did not come.").waitFor();
    await pause(1500);
    expect(asked).toBe(1);
    await page.getByRole("button", { name: "Try again" }).last().click();
    await until("it was asked again", async () => (asked === 2 ? true : undefined));
  });

  it("did nothing that a page should not", () => {
    expect(problems.filter((problem) => !problem.includes("401"))).toEqual([]);
  });
});
