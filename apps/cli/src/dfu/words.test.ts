import { stripVTControlCharacters } from "node:util";
import { CODES, describeCode } from "@flashline/contract";
import { ENGINE_CODES, type FlashPlan, type FlashReport, NO_FIGURES } from "@flashline/dfu-core";
import { describe, expect, it, test } from "vitest";
import { deskAction, deskMeaning } from "../desk-words.ts";
import { Refusal } from "../refusal.ts";
import { refusalOf } from "../refusal-of.ts";
import { refusalText } from "../refusal-text.ts";
import { createBar } from "../terminal/bar.ts";
import { styleOf, type Terminal } from "../terminal/terminal.ts";
import { humanReporter } from "./reporter.ts";
import { flashSummary } from "./summary.ts";

const identity = { chip: "STM32F407", match: "class", evidence: ["layout @Flash"] } as const;

const plan: FlashPlan = {
  chip: "STM32F407",
  family: "F4",
  granule: 4,
  erasedValue: 0xff,
  profile: "standard",
  deviceTransferSize: 2048,
  transferSize: 2048,
  remainder: "discard",
  sectors: [
    { address: 0x0800_0000, size: 16_384, alternate: 0, erase: "skip-if-unchanged", remainder: 0 },
    { address: 0x0800_4000, size: 16_384, alternate: 0, erase: "skip-if-blank", remainder: 1024 },
  ],
  runs: [{ address: 0x0800_0000, length: 31_744, alternate: 0 }],
  eeprom: [],
  seal: { address: 0x0800_0000, length: 8, alternate: 0 },
  imageBytes: 31_744,
  estimateMs: 900,
  warnings: [],
};

const passed: FlashReport = {
  ...NO_FIGURES,
  outcome: "PASS",
  linkIncident: false,
  incidents: [],
  profile: "standard",
  startProfile: "standard",
  bytes: 31_744,
  ms: 703,
  phaseMs: {},
  transfers: 90,
  erasedSectors: 2,
  touched: true,
  identity,
};

/** What a person reads of an attempt at a flash. */
function said(report: FlashReport, terminal: Partial<Terminal> = {}): string {
  let text = "";
  const write = (more: string) => {
    text += more;
  };
  const { event, finished } = humanReporter(
    {
      write,
      writeError: write,
      interactive: false,
      canAsk: false,
      columns: 80,
      style: styleOf(false),
      ...terminal,
    },
    () => 0,
  );
  event({ event: "planned", plan, identity });
  finished(report, flashSummary(report));
  return text;
}

test("what clears a write protection is said as a command", () => {
  const code = "flash.write_protected";
  const failed = { ...passed, outcome: "FAIL", code, blame: "unit" } as const;
  expect(said({ ...failed, cure: { nWRP: "0xfff" } })).toContain(
    "To clear it: flashline dfu options --set nWRP=0xfff --yes-i-mean write-protection",
  );
  expect(said(failed)).toContain('To see what protects it: "flashline dfu options".');
});

describe("the closing line says what happened", () => {
  it.each([
    [{}, /PASS {2}31 KiB written and verified in 703 ms, 2 sectors erased\.\n/],
    [
      { erasedSectors: 0, skippedSectors: 2, touched: false },
      /PASS {2}31 KiB verified, nothing to write, in 703 ms\.\n/,
    ],
    [
      { erasedSectors: 1, skippedSectors: 1 },
      /verified, written where they differed, in 703 ms, 1 sector erased, 1 needed no erase\.\n/,
    ],
  ])("of %j", (change, line) => {
    expect(said({ ...passed, ...change })).toMatch(line);
  });

  it("tells of content beside the image only when sectors were erased, and not before", () => {
    expect(said({ ...passed, erasedRemainder: 1024 })).toMatch(
      /\nNote: 1 KiB beside the image were erased .*\n$/,
    );
    // Only the sector without a remainder.
    const one = { erasedSectors: 1, skippedSectors: 1, erasedRemainder: 0 };
    expect(said({ ...passed, ...one })).not.toMatch(/Note/);
    const nothing = { erasedSectors: 0, skippedSectors: 2, touched: false };
    expect(said({ ...passed, ...nothing })).not.toMatch(/Note/);
    const refused = { outcome: "FAIL", code: "options.mismatch", erasedSectors: 0 } as const;
    expect(said({ ...passed, ...refused, touched: false })).not.toMatch(/Note/);
  });
});

describe("a failure at a desk", () => {
  const failed = ({ code = "internal.bug", ...change }: Partial<FlashReport>): string => {
    const { blame } = describeCode(code);
    const report = { ...passed, code, blame, erasedSectors: 0, touched: false, ...change };
    return said({ ...report, outcome: "FAIL" });
  };

  it("that was found before the unit was asked is at no phase", () => {
    const text = failed({ code: "image.does_not_fit", phase: "connect", transfers: 0 });
    expect(text).toMatch(/FAIL {2}image\.does_not_fit \(image\)\n/);
    const link = failed({ code: "link.timeout", blame: "host", phase: "connect", transfers: 0 });
    expect(link).toMatch(/FAIL {2}link\.timeout while connecting \(host\)\n/);
  });

  it("in the start says that the flash holds the image, where it was written before", () => {
    const started = { code: "leave.not_seen", phase: "leave", touched: true } as const;
    expect(failed(started)).toMatch(/The flash holds all 31 KiB, read back before the start\.\n/);
    expect(failed(started)).not.toMatch(/was started|not whole/);
    expect(failed({ ...started, bytes: 0 })).not.toMatch(/holds/);
  });

  it("calls flash broken that was or may have been erased, and not what refused to be", () => {
    const erase = { phase: "erase", touched: true } as const;
    expect(failed({ ...erase, code: "link.lost" })).toMatch(/is not whole/);
    expect(failed({ ...erase, code: "protection.read" })).not.toMatch(/is not whole/);
    const some = { ...erase, code: "protection.read", erasedSectors: 1 } as const;
    expect(failed(some)).toMatch(/is not whole/);
  });

  it("says what was being done", () => {
    const text = failed({ code: "link.stall", phase: "read", address: 0x0800_0800 });
    expect(text).toMatch(/FAIL {2}link\.stall while reading at 0x08000800 \(host\)\n/);
  });

  it("names the way out of read protection", () => {
    expect(failed({ code: "protection.read" })).toMatch(/erases the whole flash: .*dfu unprotect/);
    expect(failed({ code: "protection.not_proven" })).not.toMatch(/unprotect/);
  });

  it("breaks at words on a narrow terminal, and nowhere else", () => {
    const detail = "0x08000800 reads 0x21, expected 0xd9, again after its sector was erased";
    const report = { code: "flash.verify_mismatch", phase: "verify", detail } as const;
    const narrow = { ...passed, ...report, blame: "unit" as const, outcome: "FAIL" as const };
    const lines = said(narrow, { interactive: true, columns: 40 }).split("\n");
    expect(Math.max(...lines.map((line) => line.length))).toBeLessThanOrEqual(40);
    expect(lines.join(" ").replace(/ +/g, " ")).toContain(detail);
    expect(said(narrow)).toContain(detail);
  });
});

it("draws a bar that no terminal breaks, so that it can be taken away", () => {
  for (const columns of [20, 40, 60, 80, 200]) {
    let text = "";
    const write = (more: string) => {
      text += more;
    };
    const terminal = { write, writeError: write, interactive: true, canAsk: true, columns };
    const bar = createBar({ ...terminal, style: styleOf(false) }, () => 0);
    bar.draw(1, "Writing the first bytes, last of all 195.3 KiB of 195.3 KiB, 3.2 s left");
    expect(stripVTControlCharacters(text).replace("\r", "").length).toBeLessThan(columns);
  }
});

/** Of a line: nobody has them at a desk. */
const LINE_WORDS = /\b(nest|red bin|lead|release|scan|label|work order|operator)\b/i;

test("no code of the engine speaks of a line", () => {
  for (const code of Object.keys(ENGINE_CODES)) {
    expect(`${code}: ${deskAction(code)}`).not.toMatch(LINE_WORDS);
    expect(`${code}: ${deskMeaning(code)}`).not.toMatch(LINE_WORDS);
  }
  for (const code of Object.keys(CODES)) expect(deskAction(code)).not.toMatch(/call the lead/i);
});

test("what the system refuses is told in a sentence", async () => {
  const error = (more: object) => Object.assign(new TypeError("raw"), more);
  const text = async (more: object) => refusalText(await refusalOf(error(more)));
  expect(await text({ code: "ENOENT", path: "unit.bin" })).toMatch(
    /^unit\.bin: there is no such file\.\n/,
  );
  expect(await text({ code: "EADDRINUSE", address: "127.0.0.1", port: 3240 })).toMatch(
    /^127\.0\.0\.1:3240: the port is in use by another program\.\n/,
  );
  expect(refusalText(new Refusal("image.empty", "The image has no data."))).not.toMatch(LINE_WORDS);
});
