import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { type Browser, chromium } from "playwright-core";
import { attempts, units } from "./data/attempts.ts";
import { hosts } from "./data/hosts.ts";
import { releases } from "./data/releases.ts";
import { serveBuiltPage } from "./servers.ts";

/**
 * Takes the pictures of README (`npm run pictures`), or with `--review FOLDER` one of every page in every size, for looking
 * through. The data is invented.
 */
const repository = fileURLToPath(new URL("../../..", import.meta.url));

interface Size {
  readonly width: number;
  readonly height: number;
  readonly dark?: boolean;
}
const DESK: Size = { width: 1366, height: 768 };
const SIZES: Readonly<Record<string, Size>> = {
  desk: DESK,
  hall: { width: 1920, height: 1080, dark: true },
  panel: { width: 1280, height: 800 },
  phone: { width: 390, height: 844 },
};

const first = (list: readonly { readonly id: string }[], at: number): string => list[at]?.id ?? "";
const DASHBOARD = {
  line: "/",
  wall: "/?wall",
  yield: "/yield",
  stations: "/stations",
  hosts: "/hosts",
  host: `/hosts/${hosts.hosts[0]?.id}`,
  units: "/units",
  unit: `/units/${first(units, 3)}`,
  attempts: "/attempts",
  attempt: `/attempts/${first(attempts, 3)}`,
  "attempt-failed": `/attempts/${first(attempts, 4)}`,
  "attempt-contradiction": `/attempts/${first(attempts, 11)}`,
  releases: "/releases",
  release: `/releases/${first(releases, 0)}`,
  "release-refused": `/releases/${first(releases, 1)}`,
  "release-revoked": `/releases/${first(releases, 3)}`,
  "release-canary": `/releases/${first(releases, 4)}`,
  exceptions: "/exceptions",
  "work-orders": "/work-orders",
  "work-order": "/work-orders/WO-20418",
  "plant-station": "/stations/L3-02",
  products: "/products",
  product: "/products/MC-2",
  alarms: "/alarms",
  "alarm-rules": "/alarms/rules",
  account: "/account",
  people: "/people",
  person: "/people/dana",
  badges: "/badges",
  keys: "/keys",
  tokens: "/tokens",
  audit: "/audit",
  settings: "/settings",
  mail: "/settings/mail",
  webhooks: "/settings/webhooks",
};
const STATION = {
  station: "/?scene=shift",
  "station-six": "/?scene=six",
  "station-sixteen": "/?scene=sixteen",
  "station-away": "/?scene=four+away",
};
const README = ["station", "yield", "hosts", "unit", "line", "releases"];

async function take(browser: Browser, url: string, size: Size, file: string, whole: boolean) {
  const { width, height, dark = false } = size;
  const context = await browser.newContext({
    viewport: { width, height },
    colorScheme: dark ? "dark" : "light",
    locale: "en-GB",
    reducedMotion: "reduce",
  });
  const page = await context.newPage();
  page.on("pageerror", (error) => process.stderr.write(`${url}: ${error.message}\n`));
  await page.goto(url);
  await page.locator("main, .nests").first().waitFor();
  // For answers and fonts: the event stream stays open, so the network never falls silent.
  await page.waitForTimeout(800);
  await page.screenshot({ path: file, fullPage: whole });
  await context.close();
}

const { values } = parseArgs({ options: { review: { type: "string" }, only: { type: "string" } } });
const folder = values.review ?? join(repository, "docs/pictures");
await mkdir(folder, { recursive: true });
const dashboard = await serveBuiltPage("dashboard");
const station = await serveBuiltPage("station");
const browser = await chromium.launch({
  executablePath: process.env["FLASHLINE_CHROMIUM"] ?? "/usr/bin/chromium",
  args: ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--no-first-run"],
});
try {
  const pages = [
    ...Object.entries(DASHBOARD).map(([name, at]) => [name, dashboard.url + at] as const),
    ...Object.entries(STATION).map(([name, at]) => [name, station.url + at] as const),
  ].filter(([name]) => values.only === undefined || name.startsWith(values.only));
  for (const [name, url] of pages) {
    if (values.review === undefined) {
      if (README.includes(name)) await take(browser, url, DESK, join(folder, `${name}.png`), false);
      continue;
    }
    for (const [sizeName, size] of Object.entries(SIZES))
      await take(browser, url, size, join(folder, `${name}-${sizeName}.png`), true);
  }
} finally {
  await browser.close();
  await Promise.all([dashboard.close(), station.close()]);
}
