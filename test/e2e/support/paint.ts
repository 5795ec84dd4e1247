import type { Browser, Locator, Page } from "playwright-core";

type State = Awaited<ReturnType<ReturnType<Page["context"]>["storageState"]>>;

/** Of a page that is opened in a browser that knows nothing but who is logged in, milliseconds since its address was asked for. */
export interface Painted {
  /** The first thing that can be read, by the browser's own clock. */
  readonly first: number;
  /** What the page is about. */
  readonly content: number;
  readonly kilobytes: number;
}

/** Opens an address with nothing in the browser's cache; `content` is what the page is about. */
export async function paint(
  browser: Browser,
  state: State,
  url: string,
  content: (page: Page) => Locator,
): Promise<Painted> {
  const context = await browser.newContext({
    storageState: state,
    viewport: { width: 1366, height: 768 },
  });
  const page = await context.newPage();
  await page.goto(url, { waitUntil: "commit" });
  await content(page).first().waitFor();
  const painted = await page.evaluate(() => {
    const entries = performance.getEntriesByType("resource") as PerformanceResourceTiming[];
    return {
      content: performance.now(),
      first: performance.getEntriesByName("first-contentful-paint")[0]?.startTime ?? Number.NaN,
      kilobytes: entries.reduce((sum, entry) => sum + entry.transferSize, 0) / 1024,
    };
  });
  await context.close();
  return painted;
}

/** How long it takes from a change until all that the page then asked for is on it, milliseconds. */
export async function settled(page: Page, change: () => Promise<unknown>): Promise<number> {
  let open = 0;
  let asked = 0;
  const isAsked = (url: string): boolean => url.includes("/v1/");
  const begin = (request: { url(): string }): void => {
    if (!isAsked(request.url())) return;
    open += 1;
    asked += 1;
  };
  const end = (request: { url(): string }): void => {
    if (isAsked(request.url())) open -= 1;
  };
  page.on("request", begin);
  page.on("requestfinished", end);
  page.on("requestfailed", end);
  const began = performance.now();
  await change();
  while (asked === 0 || open > 0) await new Promise((resolve) => setTimeout(resolve, 2));
  await page.evaluate(
    () => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done))),
  );
  const took = performance.now() - began;
  page.off("request", begin);
  page.off("requestfinished", end);
  page.off("requestfailed", end);
  return took;
}
