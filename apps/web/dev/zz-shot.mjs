import { chromium } from "playwright-core";

const [base, out, w, h, scheme, ...paths] = process.argv.slice(2);
const b = await chromium.launch({ executablePath: "/usr/bin/chromium", args: ["--no-sandbox"] });
const ctx = await b.newContext({ viewport: { width: +w, height: +h }, colorScheme: scheme });
const page = await ctx.newPage();
page.on("pageerror", (e) => console.log("ERR", e.message));
for (const p of paths) {
  await page.goto(base + p);
  await page.waitForTimeout(1200);
  const wide = await page.evaluate(() => document.documentElement.scrollWidth > innerWidth);
  await page.screenshot({ path: `${out}${p.replace(/[^a-z0-9]/gi, "_")}_${w}_${scheme}.png` });
  console.log(p, wide ? "SIDEWAYS" : "");
}
await b.close();
