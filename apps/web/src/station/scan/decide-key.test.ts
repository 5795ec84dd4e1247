import { describe, expect, test } from "vitest";
import { decideKey, type KeyMoment } from "./decide-key.ts";

const idle: KeyMoment = {
  key: "",
  repeat: false,
  composing: false,
  modified: false,
  inField: true,
  onControl: false,
  fieldEmpty: true,
  sinceLine: Number.POSITIVE_INFINITY,
};
const on = (change: Partial<KeyMoment>) => decideKey({ ...idle, ...change });

describe("Enter and Space", () => {
  test("start when the field is empty, hand in when it is not", () => {
    expect([on({ key: "Enter" }), on({ key: " " })]).toEqual(["start", "start"]);
    expect(on({ key: "Enter", fieldEmpty: false })).toBe("submit");
    expect(on({ key: " ", fieldEmpty: false })).toBe("pass");
  });
  test("the second Enter of a CR LF scanner starts nothing", () => {
    expect(on({ key: "Enter", sinceLine: 9 })).toBe("ignore");
    expect(on({ key: "Enter", sinceLine: 400 })).toBe("start");
  });
  test("a held key starts once", () => {
    expect(on({ key: " ", repeat: true })).toBe("ignore");
  });
  test("a button that has the focus keeps its own keys, but not the end of a scan", () => {
    expect(on({ key: "Enter", inField: false, onControl: true })).toBe("pass");
    expect(on({ key: "Enter", inField: false, onControl: true, fieldEmpty: false })).toBe("submit");
  });
});

describe("characters", () => {
  test("reach the field from wherever the focus is", () => {
    expect(on({ key: "M" })).toBe("pass");
    expect(on({ key: "M", inField: false, onControl: true })).toBe("type");
  });
  test("of auto-repeat and of an input method are not typed", () => {
    expect(on({ key: "M", repeat: true })).toBe("ignore");
    expect(on({ key: "Process", inField: false })).toBe("pass");
    expect(on({ key: "m", composing: true, inField: false })).toBe("pass");
  });
});

test("Escape empties the field first and acknowledges then", () => {
  expect([on({ key: "Escape", fieldEmpty: false }), on({ key: "Escape" })]).toEqual([
    "clear",
    "acknowledge",
  ]);
});

test("commands have their keys, and the browser keeps its own", () => {
  expect([on({ key: "F2" }), on({ key: "F4" }), on({ key: "F9" })]).toEqual([
    "call-lead",
    "language",
    "sound",
  ]);
  expect([on({ key: "Tab" }), on({ key: "r", modified: true })]).toEqual(["pass", "pass"]);
});
