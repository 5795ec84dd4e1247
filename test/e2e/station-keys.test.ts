import { setTimeout as pause } from "node:timers/promises";
import { StationPageView } from "@flashline/contract";
import type { Browser, CDPSession, Page } from "playwright-core";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { openBrowser, openPage } from "./support/browser.ts";
import { type StillStation, stillStation } from "./support/still-station.ts";

const VIEW = StationPageView.parse({
  station: "L3-07",
  line: "Line 3",
  workOrder: null,
  product: null,
  productTitle: null,
  version: null,
  manifestSha256: null,
  server: "connected",
  queuedResults: 0,
  setAside: 0,
  nests: [
    { name: "1", portPath: "3-1.1", next: false, state: "ready", serial: "MC2-004816" },
    { name: "2", portPath: "3-1.2", next: true, state: "present", serial: null },
  ],
  notice: { key: "nothing", kind: "info", count: 0 },
  today: { passed: 0, failed: 0 },
  last: [],
  call: null,
  operator: null,
  decision: null,
  labelAsked: null,
  labels: "none",
  badgeNeeded: false,
  badgePrefix: "FL-BADGE-",
  elsewhere: false,
  way: "single",
  kept: null,
  grant: null,
  update: null,
  agentVersion: "1.5.0",
  virtual: false,
  teach: { ports: [], bound: [] },
});
/** Of a scanner, from one character to the next, milliseconds. */
const GAP_MS = 10;
/** Longer than any pause by which a scan is told from what came before it. */
const STALL_MS = 1_000;

describe("keys that come while the page is busy", () => {
  let browser: Browser;
  let still: StillStation;
  let page: Page;
  let keys: CDPSession;
  /** When the next key is pressed, seconds as Chromium counts them. */
  let at: number;

  beforeAll(async () => {
    browser = await openBrowser();
  });
  afterAll(() => browser?.close());
  beforeEach(async () => {
    still = await stillStation(VIEW);
    ({ page } = await openPage(browser, `${still.url}/?lang=en`));
    await page.locator('[data-nest="2"]').waitFor();
    keys = await page.context().newCDPSession(page);
    at = Date.now() / 1000;
  });
  afterEach(async () => {
    await page.context().close();
    await still.close();
  });

  /** As the keyboard says when: however late the page hears of it. */
  const press = (text: string): Promise<unknown> => {
    const pressed = [...text].map((char) => {
      at += GAP_MS / 1000;
      const key = char === "\r" ? "Enter" : char;
      const code = char === "\r" ? 13 : char.charCodeAt(0);
      return keys.send("Input.dispatchKeyEvent", {
        type: "keyDown",
        timestamp: at,
        text: char,
        key,
        windowsVirtualKeyCode: code,
      });
    });
    return Promise.all(pressed);
  };
  /** The same while the page does something else, so that it waits. */
  const pressMeanwhile = async (text: string): Promise<void> => {
    const stalled = page.evaluate((ms) => {
      const until = performance.now() + ms;
      while (performance.now() < until);
    }, STALL_MS);
    await pause(STALL_MS / 4);
    await Promise.all([stalled, press(text)]);
  };
  const scans = () => expect.poll(() => still.acts);

  it("are one scan where its end was heard late: the end alone would be another unit's", async () => {
    await press("MC2-");
    await pressMeanwhile("004817\r");
    await scans().toEqual(['scan {"text":"MC2-004817"}']);
  });

  it("start nothing where the second line end of a scan was heard late", async () => {
    await press("MC2-004817\r");
    await pressMeanwhile("\r");
    await scans().toEqual(['scan {"text":"MC2-004817"}']);
    // A later key is what somebody means.
    at += 2;
    await press("\r");
    await scans().toEqual(['scan {"text":"MC2-004817"}', "start {}"]);
  });

  it("are told in their order, also where the first telling takes longer: a serial belongs to the nest that was scanned before it", async () => {
    still.answers(async (act) => {
      if (act.includes("FL-NEST-2")) await pause(STALL_MS / 2);
      return 200;
    });
    await press("FL-NEST-2\r");
    at += 1;
    await press("MC2-004817\r");
    await scans().toEqual(['scan {"text":"FL-NEST-2"}', 'scan {"text":"MC2-004817"}']);
  });

  it("are not told where what was told before them was not heard, and are once the agent is there again", async () => {
    still.answers(async (act) => {
      if (!act.includes("FL-NEST-2")) return 200;
      await pause(STALL_MS / 2);
      return 503;
    });
    await press("FL-NEST-2\r");
    at += 1;
    await press("MC2-004817\r");
    await page.getByText("Not heard").first().waitFor();
    at += 1;
    await press("MC2-004818\r");
    await scans().toEqual(['scan {"text":"MC2-004818"}']);
  });
});
