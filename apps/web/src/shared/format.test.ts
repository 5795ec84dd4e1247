import { describe, expect, test } from "vitest";
import {
  bytes,
  count,
  counted,
  duration,
  elapsed,
  hexAddress,
  percent,
  progressPercent,
  pValue,
  secondsLeft,
  shortDigest,
} from "./format.ts";

describe("percent", () => {
  test("never rounds to a perfect score or to nothing", () => {
    expect(percent(9999 / 10_000)).toBe("> 99.9 %");
    expect(percent(1 / 10_000)).toBe("< 0.1 %");
    expect(percent(1)).toBe("100 %");
    expect(percent(0)).toBe("0 %");
  });
  test("has a digit more near the ends", () => {
    expect(percent(0.9534)).toBe("95.3 %");
    expect(percent(0.5149)).toBe("51 %");
    expect(percent(0.0155)).toBe("1.6 %");
  });
});

test("a duration changes its unit with its size", () => {
  expect([duration(340), duration(11_240), duration(59_960), duration(125_000)]).toEqual([
    "340 ms",
    "11.2 s",
    "1 min 00 s",
    "2 min 05 s",
  ]);
});

test("time left is never none", () => {
  expect([secondsLeft(0), secondsLeft(1001)]).toEqual([1, 2]);
});

test("a small p is written with a power of ten", () => {
  expect([pValue(3.2e-8), pValue(9.6e-13), pValue(0.0123), pValue(0.4)]).toEqual([
    { digits: "3·10", exponent: "−8" },
    { digits: "1·10", exponent: "−12" },
    { digits: "0.012", exponent: null },
    { digits: "0.40", exponent: null },
  ]);
});

test("sizes, addresses, digests and counts", () => {
  expect([bytes(31_744), bytes(3 * 1024 * 1024), bytes(12)]).toEqual(["31 KiB", "3 MiB", "12 B"]);
  expect(hexAddress(0x0800_4000)).toBe("0x08004000");
  expect(shortDigest("9f3c00000000000a1")).toBe("9f3c…a1");
  expect([counted(1, "unit"), counted(1204, "unit")]).toEqual(["1 unit", "1,204 units"]);
});

test("a time that runs is told to the second, with hours when there are some", () => {
  expect(elapsed(-500)).toBe("0:00");
  expect(elapsed(67_900)).toBe("1:07");
  expect(elapsed(3_727_000)).toBe("1:02:07");
});

test("numbers are written as the locale writes them", () => {
  expect([duration(11_240, "de-DE"), duration(11_240, "zh-Hans")]).toEqual(["11,2 s", "11.2 s"]);
  expect([count(1204, "de-DE"), count(1204)]).toEqual(["1.204", "1,204"]);
  expect(progressPercent(0.649, "en-GB")).toBe("64%");
  expect(progressPercent(0.295, "de-DE")).toBe("29\u00a0%");
  expect(progressPercent(0.9999, "en-GB")).toBe("99%");
});
