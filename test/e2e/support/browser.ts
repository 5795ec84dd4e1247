import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { AxeBuilder } from "@axe-core/playwright";
import { type Browser, chromium, type Locator, type Page } from "playwright-core";

const repository = (path: string): string =>
  fileURLToPath(new URL(`../../../${path}`, import.meta.url));
const PICTURES = repository("artifacts/pages");
const CHROMIUM = process.env["FLASHLINE_CHROMIUM"] ?? "/usr/bin/chromium";

/** Sandbox and GPU are not there for root in a container; the rest keeps the browser off the network. */
const FLAGS = [
  "--no-sandbox",
  "--disable-gpu",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
];

export const openBrowser = (): Promise<Browser> =>
  chromium.launch({ executablePath: CHROMIUM, args: FLAGS });

export interface Watched {
  readonly page: Page;
  /** Errors of the page, its console and its requests to elsewhere; a good page has none. */
  readonly problems: string[];
}

export interface PageOptions {
  readonly width?: number;
  readonly height?: number;
  readonly dark?: boolean;
}

/** A page in a profile of its own that is watched for everything it should not do. */
export async function openPage(
  browser: Browser,
  url: string,
  options: PageOptions = {},
): Promise<Watched> {
  const context = await browser.newContext({
    viewport: { width: options.width ?? 1366, height: options.height ?? 768 },
    colorScheme: options.dark === true ? "dark" : "light",
    locale: "en-GB",
    reducedMotion: "reduce",
  });
  // As long as a test waits for anything else.
  context.setDefaultTimeout(30_000);
  const page = await context.newPage();
  const problems: string[] = [];
  page.on("pageerror", (error) => problems.push(error.message));
  page.on("console", (message) => {
    if (message.type() === "error" && !message.text().includes("Failed to load resource")) {
      problems.push(`${message.text()} ${message.location().url}`);
    }
  });
  page.on("request", (request) => {
    if (new URL(request.url()).origin !== new URL(url).origin) problems.push(request.url());
  });
  await page.goto(url);
  return { page, problems };
}

/** Kept as a test artefact. */
export async function picture(page: Page, name: string): Promise<void> {
  await mkdir(PICTURES, { recursive: true });
  await page.screenshot({ path: join(PICTURES, `${name}.png`) });
}

/** How far the page is wider than its window, pixels; a page that fits gives 0. */
export const overflow = (page: Page): Promise<number> =>
  page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth);

/** What lies within the margins of A4, pixels. */
const PAPER = { width: 710, height: 1000 };

/** What the page has on paper and should not have: what can only be pressed, and what the edge cuts off. */
export async function unprintable(page: Page): Promise<readonly string[]> {
  const size = page.viewportSize();
  await page.setViewportSize(PAPER);
  await page.emulateMedia({ media: "print" });
  const found = await page.evaluate(() => {
    window.dispatchEvent(new Event("beforeprint"));
    const shown = (selector: string) =>
      [...document.querySelectorAll(selector)].filter(
        (element) => element.checkVisibility() && element.closest(".unseen") === null,
      );
    const told = (element: Element) => element.outerHTML.slice(0, 120);
    // A name that can be chosen is read on paper too.
    const pressed = shown("nav, main :is(button:not(.name), input, select, textarea)").map(told);
    const cut = shown("main *")
      .filter((element) => element.getBoundingClientRect().right > window.innerWidth + 1)
      .map((element) => `cut off: ${told(element)}`);
    window.dispatchEvent(new Event("afterprint"));
    return [...pressed, ...cut];
  });
  await page.emulateMedia({ media: null });
  if (size !== null) await page.setViewportSize(size);
  return found;
}

/** Types as a keyboard-wedge scanner does: fast, ending in Enter, wherever the focus is. */
export async function scan(page: Page, text: string): Promise<void> {
  await page.keyboard.type(text, { delay: 6 });
  await page.keyboard.press("Enter");
}

export const textOf = async (locator: Locator): Promise<string> =>
  (await locator.textContent()) ?? "";

/**
 * What axe has against the page as it stands now, by the A and AA rules of WCAG and by good practice: rule, element and what is
 * missing. A good page has none.
 */
export async function barriers(page: Page): Promise<readonly string[]> {
  // In the page itself: its other way opens a window for every look.
  const axe = new AxeBuilder({ page }).setLegacyMode();
  const look = () => axe.options({ resultTypes: ["violations"] }).analyze();
  // It gives its own script one second to load, which a busy machine may not have.
  const { violations } = await look().catch(look);
  return violations.flatMap(({ id, nodes }) =>
    nodes.map(({ html, failureSummary }) => `${id}: ${html.slice(0, 160)} ${failureSummary ?? ""}`),
  );
}
