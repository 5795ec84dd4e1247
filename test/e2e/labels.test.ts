import { readdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { UnitDetail } from "@flashline/contract";
import type { Browser, Locator } from "playwright-core";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { printerText } from "../../apps/agent/src/labels/address.ts";
import {
  startZplPrinter,
  statusOf,
  type ZplPrinter,
} from "../../apps/agent/src/labels/zpl-printer.ts";
import {
  barriers,
  openBrowser,
  openPage,
  overflow,
  picture,
  scan,
  textOf,
} from "./support/browser.ts";
import { flashline } from "./support/command.ts";
import { addPlant, addRelease, firmware, LINE, PRODUCT, unitOf } from "./support/plant.ts";
import { type Rig, startRig, until } from "./support/rig.ts";
import { startStation, type TestStation } from "./support/station.ts";

const ZPL = "^XA^FO20,20^BCN,80^FD{serial}^FS^FO20,120^FD{product} {release} {station}^FS^XZ";
const printed = (serial: string, station: string): string =>
  `^XA^FO20,20^BCN,80^FD${serial}^FS^FO20,120^FD${PRODUCT} 2.8.1 ${station}^FS^XZ`;

/** Real processes: a server, its commands, a line PC with its page in a browser, and a printer that takes ZPL. */
describe("labels, from the product's template to the printer and back", () => {
  let rig: Rig;
  let browser: Browser;
  let printer: ZplPrinter;
  let station: TestStation;
  let count = 0;

  beforeAll(async () => {
    [rig, browser] = await Promise.all([startRig(), openBrowser()]);
    await addPlant(rig);
    await addRelease(rig, "2.8.1", 1, firmware(12_000, 1));
  });
  afterAll(async () => {
    await browser?.close();
    await rig?.close();
  });
  beforeEach(async () => {
    printer = await startZplPrinter();
  });
  afterEach(async () => {
    await station?.close();
    await printer.close();
  });

  async function stationWith(hasPrinter = true, agentSpeed = 20): Promise<string> {
    count += 1;
    const name = `L3-3${count}`;
    station = await startStation(rig, {
      name,
      line: LINE,
      speed: 20,
      agentSpeed,
      order: { number: `WO-3${count}`, product: PRODUCT, version: "2.8.1", quantity: 10 },
      ...(hasPrinter ? { printer: printerText(printer.address) } : {}),
    });
    return name;
  }
  async function setLabel(...more: readonly string[]): Promise<void> {
    const file = join(rig.folder, "label.zpl");
    await writeFile(file, ZPL);
    const args = [
      "product",
      "label",
      PRODUCT,
      "--template",
      file,
      ...more,
      "--reason",
      "for the box",
    ];
    const env = { FLASHLINE_SERVER: rig.url, FLASHLINE_TOKEN: rig.token };
    const { code, stderr } = await flashline(args, { env });
    if (code !== 0) throw new RangeError(stderr);
  }
  /** Scans the unit into the nest and presses START. */
  async function flash(nest: string, serial: string): Promise<void> {
    await station.tell("scan", { text: `FL-NEST-${nest}` });
    await station.tell("scan", { text: serial });
    await station.untilNest(nest, "ready");
    await station.tell("start", { nest });
  }
  const stage = (nest: string, wanted: string) =>
    until(
      `nest ${nest}'s label is at ${wanted}`,
      async () => {
        const seen = await station.nest(nest);
        return seen.state === "label" && seen.stage === wanted ? seen : undefined;
      },
      30_000,
      station.agentOutput,
    );
  /** What the server has of the unit's labels, the first first. */
  const told = (serial: string, ...deeds: readonly string[]) =>
    until(
      `the server knows ${deeds.join(", ")} of ${serial}`,
      async (): Promise<UnitDetail | undefined> => {
        const unit = await unitOf(rig, serial);
        const known = (unit?.labels ?? []).map(({ deed }) => deed).reverse();
        return known.join() === deeds.join() ? unit : undefined;
      },
      20_000,
      station.agentOutput,
    );

  it("are set by a command that shows first what would be printed", async () => {
    await setLabel("--scan-back", "{serial}");
    const env = { FLASHLINE_SERVER: rig.url, FLASHLINE_TOKEN: rig.token };
    const shown = await flashline(["product", "label", PRODUCT, "--preview", "mc2-000042"], {
      env,
    });
    expect(shown.stdout).toBe(`${printed("MC2-000042", "L1-01")}\n`);
    expect(shown.stderr).toContain("Scanned back: MC2-000042");
    const now = await flashline(["product", "label", PRODUCT], { env });
    expect(now.stdout).toContain("scanned back as {serial}");
    const bad = join(rig.folder, "bad.zpl");
    await writeFile(bad, "^XA^FD{colour}^FS^XZ");
    const args = ["product", "label", PRODUCT, "--template", bad, "--reason", "trial"];
    const refused = await flashline(args, { env });
    expect([refused.code, refused.stderr]).toEqual([
      expect.any(Number),
      expect.stringContaining("{colour}"),
    ]);
    expect(refused.code).not.toBe(0);
  });

  it("print after the PASS, are scanned back on the page, and again for a reason", async () => {
    await setLabel("--scan-back", "{serial}");
    // A browser is asked twice a second at times: its page shows the PASS for some seconds.
    const name = await stationWith(true, 2);
    const url = `http://127.0.0.1:${station.env["FLASHLINE_PORT"]}/?lang=en`;
    const { page, problems } = await openPage(browser, url);
    const nest = (of: string): Locator => page.locator(`[data-nest="${of}"]`);
    const inState = (of: string, state: string) =>
      page.locator(`[data-nest="${of}"][data-state="${state}"]`).waitFor({ timeout: 40_000 });
    const says = (text: string) => page.getByText(text).first().waitFor();
    await flash("1", "MC2-300001");
    await inState("1", "label");
    await until("the page wants a scan", async () =>
      (await textOf(nest("1"))).includes("scan the label") ? true : undefined,
    );
    expect(printer.jobs).toEqual([printed("MC2-300001", name)]);
    await nest("1").getByText("NEXT SCAN").waitFor();
    expect(await page.getByRole("textbox").getAttribute("placeholder")).toContain(
      "label of nest 1",
    );
    await flash("2", "MC2-300002");

    await scan(page, "MC2-300009");
    await says("Not this unit's label. Check both.");
    await picture(page, "station-label-mixed");
    await page.getByRole("button", { name: "PRINT AGAIN" }).click();
    await says("Print the label of MC2-300001 again?");
    expect(await barriers(page)).toEqual([]);
    await picture(page, "station-label-why");
    expect(printer.jobs).toHaveLength(1);
    await scan(page, "FL-WHY-UNREADABLE");
    await until("the second label", () => (printer.jobs.length === 2 ? true : undefined));
    await until("its scan is waited for", async () =>
      (await textOf(nest("1"))).includes("scan the label") ? true : undefined,
    );
    await scan(page, "MC2-300001");
    await inState("1", "pass");
    const unit = await told("MC2-300001", "printed", "mixed", "reprint", "printed", "scanned");
    expect(unit?.labels?.find(({ deed }) => deed === "reprint")?.reason).toBe("Cannot be scanned");
    expect(unit?.state).toBe("passed");
    expect(problems).toEqual([]);
    await page.context().close();
  });

  it("ask for a scan after the agent was killed in the middle of a print", async () => {
    await setLabel("--scan-back", "{serial}");
    await stationWith();
    printer.manner = "hangs";
    await flash("1", "MC2-300011");
    await until("the printer has the label", () =>
      printer.received.some((text) => text !== "") ? true : undefined,
    );
    await station.endAgent("SIGKILL");
    printer.manner = "prints";
    await station.startAgent();
    await stage("1", "doubtful");
    expect(printer.jobs).toEqual([]);
    const url = `http://127.0.0.1:${station.env["FLASHLINE_PORT"]}/?lang=en`;
    const { page } = await openPage(browser, url);
    await page.getByText("Is the label there? Scan it.").first().waitFor();
    await picture(page, "station-label-doubtful");
    await scan(page, "MC2-300011");
    await until("the nest is free", async () => {
      const { state } = await station.nest("1");
      return state === "label" ? undefined : true;
    });
    await told("MC2-300011", "doubtful", "scanned");
    expect(printer.jobs).toEqual([]);
    await page.context().close();
  });

  it("print once after the agent was killed before a print, and never again for being killed after it", async () => {
    await setLabel("--scan-back", "{serial}");
    const name = await stationWith();
    printer.status = statusOf({ paperOut: true });
    await flash("1", "MC2-300021");
    const trouble = await stage("1", "trouble");
    expect(trouble).toMatchObject({ refusal: { code: "label.printer_not_ready" } });
    // The result does not wait for a printer.
    await until("the server has the PASS", async () => {
      const unit = await unitOf(rig, "MC2-300021");
      return unit?.state === "passed" ? true : undefined;
    });
    await station.endAgent("SIGKILL");
    printer.status = statusOf();
    await station.startAgent();
    await stage("1", "scan");
    for (const _ of ["while its scan is waited for", "once more"]) {
      await station.endAgent("SIGKILL");
      await station.startAgent();
      await stage("1", "scan");
    }
    await station.tell("scan", { text: "MC2-300021" });
    await told("MC2-300021", "printed", "scanned");
    await station.endAgent("SIGKILL");
    await station.startAgent();
    expect((await station.nest("1")).state).not.toBe("label");
    expect(printer.jobs).toEqual([printed("MC2-300021", name)]);
    // A write that was cut off leaves its unfinished file, which nobody reads.
    const files = await readdir(join(station.dataDir, "labels"));
    expect(files.filter((name) => name.endsWith(".json"))).toHaveLength(1);
  });

  it("print while the server is away, and their records come when it is back", async () => {
    await setLabel("--scan-back", "{serial}");
    await stationWith();
    printer.status = statusOf({ paused: true });
    await flash("1", "MC2-300031");
    await stage("1", "trouble");
    await until("the server has the PASS", async () =>
      (await unitOf(rig, "MC2-300031"))?.state === "passed" ? true : undefined,
    );
    await rig.stopServer("SIGKILL");
    printer.status = statusOf();
    await station.tell("acknowledge", { nest: "1" });
    await stage("1", "scan");
    await station.tell("scan", { text: "MC2-300031" });
    await station.untilNest("1", "pass", "empty", "present");
    await rig.startServer();
    await told("MC2-300031", "printed", "scanned");
  });

  it("are not missed by a result where there is no printer: page, records and doctor say so", async () => {
    await setLabel();
    await stationWith(false);
    await flash("1", "MC2-300041");
    await station.untilNest("1", "pass");
    await told("MC2-300041", "no-printer");
    expect((await station.view()).labels).toBe("no-printer");
    const url = `http://127.0.0.1:${station.env["FLASHLINE_PORT"]}`;
    const report: unknown = await (await fetch(`${url}/api/doctor`)).json();
    expect(JSON.stringify(report)).toContain("FLASHLINE_PRINTER");
    const { page } = await openPage(browser, `${url}/?lang=en`, { width: 1024, height: 600 });
    await page.getByText("No label printer here. Call the lead.").waitFor();
    expect(await overflow(page)).toBeLessThanOrEqual(0);
    await page.context().close();
  });
});
