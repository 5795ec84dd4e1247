import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { Barcode, StationPageView } from "@flashline/contract";
import type { Browser } from "playwright-core";
import { afterAll, beforeAll, expect, it } from "vitest";
import { openBrowser, openPage } from "./support/browser.ts";
import { type StillStation, stillStation } from "./support/still-station.ts";

const PAPER = fileURLToPath(new URL("../../artifacts/pages/", import.meta.url));

/** A station of a plant that uses everything that has a barcode. */
const viewOf = (nests: number) =>
  StationPageView.parse({
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
    nests: Array.from({ length: nests }, (_, k) => ({
      name: String(k + 1),
      portPath: `3-1.${k + 1}`,
      next: false,
      state: "empty",
      refusal: null,
    })),
    notice: { key: "badge-asked", kind: "info", count: 0 },
    today: { passed: 0, failed: 0 },
    last: [],
    call: null,
    operator: "Ines",
    decision: null,
    labelAsked: null,
    labels: "printed",
    badgeNeeded: true,
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

let browser: Browser;
let still: StillStation;
beforeAll(async () => {
  [browser, still] = await Promise.all([openBrowser(), stillStation(viewOf(16))]);
});
afterAll(async () => {
  await browser?.close();
  await still?.close();
});

it.each(["en", "de", "es", "zh"])(
  "all barcodes of sixteen nests are on one A4 page (%s)",
  async (language) => {
    const { page, problems } = await openPage(browser, `${still.url}/?barcodes&lang=${language}`);
    const codes = page.locator(".sheet img");
    await page.locator(`img[alt="${Barcode.Nest}16"]`).waitFor();
    // Five commands and the keyboard's, five reasons for a label, five for a unit, sixteen nests.
    expect(await codes.count()).toBe(32);
    await page.emulateMedia({ media: "print" });
    const boxes = await codes.evaluateAll((all) =>
      all.map((code) => {
        const { left, right, top, bottom } = code.getBoundingClientRect();
        return { text: code.getAttribute("alt"), left, right, top, bottom };
      }),
    );
    const sheet = await page.locator(".sheet main").boundingBox();
    for (const [k, box] of boxes.entries()) {
      expect(box.right, `${box.text} leaves the paper`).toBeLessThanOrEqual(
        (sheet?.width ?? 0) + (sheet?.x ?? 0) + 0.5,
      );
      for (const other of boxes.slice(k + 1)) {
        const apart =
          other.left >= box.right - 0.5 ||
          box.left >= other.right - 0.5 ||
          other.top >= box.bottom ||
          box.top >= other.bottom;
        expect(apart, `${box.text} lies on ${other.text}`).toBe(true);
      }
    }
    const paper = await page.pdf({ preferCSSPageSize: true, printBackground: true });
    await mkdir(PAPER, { recursive: true });
    await writeFile(join(PAPER, `station-barcodes-${language}.pdf`), paper);
    expect(paper.toString("latin1").match(/\/Type\s*\/Page\b(?!s)/g)).toHaveLength(1);
    expect(problems).toEqual([]);
    await page.context().close();
  },
);
