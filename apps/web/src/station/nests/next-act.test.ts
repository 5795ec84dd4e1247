import type { NestIn, NestView } from "@flashline/contract";
import { expect, test } from "vitest";
import { nextAct } from "./next-act.ts";

const at = (name: string) => ({ name, portPath: `3-${name}`, next: false });
const refusal = { code: "flash.verify_mismatch", detail: "", action: null };
const serial = "MC2-1";
const empty: NestView = { ...at("1"), state: "empty", refusal: null };
const pass: NestView = { ...at("2"), state: "pass", serial, durationMs: 1, refusal: null };
const ready: NestView = { ...at("3"), state: "ready", serial };
const next: NestView = { ...at("4"), next: true, state: "present", serial: null };
const fail: NestView = { ...at("5"), state: "fail", serial, durationMs: 1, refusal };
const busy: NestView = { ...at("6"), state: "busy", serial, progress: null, trouble: null };

test("hands go to a failure first, and to an empty nest last", () => {
  const order = [fail, next, ready, pass, empty];
  const acts = order.map((_, from) => nextAct([busy, ...order.slice(from)].reverse()));
  expect(acts.map((each) => [each?.nest, each?.act])).toEqual([
    ["5", "redBin"],
    ["4", "scan"],
    ["3", "start"],
    ["2", "takeOut"],
    ["1", "plugIn"],
  ]);
});

test("of empty nests the one that a scan waits for comes first", () => {
  const other: NestView = { ...empty, ...at("7") };
  expect(nextAct([empty, other], "7")?.nest).toBe("7");
  expect(nextAct([empty, pass], "2")?.nest).toBe("2");
  expect(nextAct([empty, other], null)?.nest).toBe("1");
});

test("where all nests work, nothing is asked for", () => {
  expect(nextAct([busy])).toBeNull();
  expect(nextAct([{ ...next, serial }])).toBeNull();
});

test("a label in somebody's hand comes before the next unit, and a printer that takes none before it", () => {
  const label = (name: string, stage: NestIn<"label">["stage"], code?: string): NestView => ({
    ...at(name),
    state: "label",
    serial,
    durationMs: 1,
    stage,
    refusal: code === undefined ? null : { code, detail: "", action: null },
  });
  const order = [
    fail,
    label("7", "trouble", "label.printer_away"),
    label("8", "scan"),
    next,
    label("9", "waiting"),
  ];
  const acts = order.map((_, from) => nextAct([...order.slice(from)].reverse()));
  expect(acts.map((each) => each && `${each.nest} ${each.act}`)).toEqual([
    ...["5 redBin", "7 printer", "8 scanLabel", "4 scan", null],
  ]);
});
