import { describe, expect, it } from "vitest";
import { type Nest, newNest } from "./nest.ts";
import { type NestEvent, reduceNest } from "./reduce.ts";
import { decideScan, nextNest, type ScanContext } from "./scan.ts";

const unit = { deviceNumber: 1, usbSerial: "A" };
function nest(name: string, ...events: readonly NestEvent[]): Nest {
  return events.reduce<Nest>(
    (before, event) => reduceNest(before, event, 0),
    newNest(name, `1-${name}`),
  );
}
const waiting = (name: string) => nest(name, { event: "port", unit });
const ready = (name: string, serial: string) =>
  nest(name, { event: "port", unit }, { event: "scanned", serial }, { event: "allowed", serial });
const after = (before: Nest, ...events: readonly NestEvent[]): Nest =>
  events.reduce<Nest>((now, event) => reduceNest(now, event, 0), before);
const busy = (name: string, serial: string) =>
  after(ready(name, serial), { event: "ordered", jobId: "j" }, { event: "leased", jobId: "j" });
const failed = (name: string, serial: string) =>
  after(busy(name, serial), {
    event: "finished",
    jobId: "j",
    vanished: false,
    usbSerial: "A",
    durationMs: 1,
    verdict: { kind: "fail", refusal: { code: "link.lost", action: null, detail: "" } },
  });
const takenOut = (before: Nest): Nest =>
  reduceNest(
    after(before, { event: "port", unit: null, at: "2026-11-29T08:00:00.000Z" }),
    { event: "tick" },
    60_000,
  );

const refused = (name: string, serial: string, code: string) =>
  nest(
    name,
    { event: "port", unit },
    { event: "scanned", serial },
    { event: "refused", serial, refusal: { code, action: null, detail: "" } },
  );

const context = (nests: readonly Nest[], more: Partial<ScanContext> = {}): ScanContext => ({
  way: "single",
  nests,
  selected: null,
  serialPattern: "MC2-\\d+",
  badgePrefix: null,
  lastScan: null,
  now: 10_000,
  ...more,
});

describe("a scan", () => {
  it("goes to the first nest with a waiting unit, which is the one that is marked", () => {
    const nests = [nest("1"), waiting("2"), waiting("3")];
    expect(nextNest(nests, null)?.name).toBe("2");
    expect(decideScan(" mc2-7 ", context(nests))).toEqual({
      kind: "assign",
      nest: "2",
      serial: "MC2-7",
    });
  });

  it("goes to the nest whose barcode was scanned before", () => {
    const nests = [waiting("1"), waiting("Left 2")];
    expect(decideScan("FL-NEST-left 2", context(nests))).toEqual({
      kind: "select",
      nest: "Left 2",
    });
    const selected = context(nests, { selected: "Left 2" });
    expect(decideScan("MC2-7", selected)).toMatchObject({ kind: "assign", nest: "Left 2" });
  });

  it.each([
    ["MC2-1", "scan.repeated", [ready("1", "MC2-1"), waiting("2")]],
    ["MC2-2", "nest.empty", [nest("1")]],
    ["MC2-2", "nest.none_free", [ready("1", "MC2-1")]],
    ["MC2-2", "nest.not_armed", [failed("1", "MC2-1")]],
    ["MC2-2", "nest.empty", [busy("1", "MC2-1"), nest("2")]],
    ["MC2-2", "nest.empty", [failed("1", "MC2-1"), nest("2")]],
    ["MC2-2", "nest.fail_unseen", [takenOut(failed("1", "MC2-1"))]],
    ["MC2-2", "nest.none_free", [nest("1", { event: "enabled", enabled: false })]],
    ["4006381333931", "scan.ean", [waiting("1")]],
    ["96385074", "scan.ean", [waiting("1")]],
    ["FL-NEST-9", "scan.nest_unknown", [waiting("1")]],
    ["FL-NEST-1", "preflight.nest_off", [nest("1", { event: "enabled", enabled: false })]],
    ["FL-TYPO", "scan.command_unknown", [waiting("1")]],
    ["MC2-\u001d7", "scan.not_understood", [waiting("1")]],
  ] as const)("of %s is refused with %s", (text, code, nests) => {
    expect(decideScan(text, context(nests))).toMatchObject({ kind: "refuse", code });
  });

  it("of a label that no product of this station has is left for the server to tell", () => {
    for (const label of ["XY-123", "4006381333930", "12345"]) {
      const decision = decideScan(label, context([waiting("1")]));
      expect(decision).toEqual({ kind: "foreign", serial: label });
    }
    const anything = context([waiting("1")], { serialPattern: null });
    expect(decideScan("4006381333931", anything)).toMatchObject({ kind: "assign" });
  });

  it("of a nest that works chooses it: its job may still be cancelled", () => {
    const select = decideScan("FL-NEST-1", context([busy("1", "MC2-1")]));
    expect(select).toEqual({ kind: "select", nest: "1" });
  });

  it("of a unit that still sits in its nest is a retest there", () => {
    const nests = [waiting("1"), failed("2", "MC2-1")];
    expect(decideScan("MC2-1", context(nests))).toMatchObject({ kind: "assign", nest: "2" });
  });

  it("of the right label goes to the nest that asked for it, not to the next unit", () => {
    const nests = [refused("1", "MC2-1", "preflight.unknown_serial"), waiting("2")];
    expect(nextNest(nests, null)?.name).toBe("1");
    expect(decideScan("MC2-7", context(nests))).toMatchObject({ kind: "assign", nest: "1" });
  });

  it("of a refused unit again asks again for that nest; another unit does not get there", () => {
    const nests = [refused("1", "MC2-1", "agent.offline"), waiting("2")];
    expect(decideScan("MC2-1", context(nests))).toMatchObject({ kind: "assign", nest: "1" });
    expect(decideScan("MC2-7", context(nests))).toMatchObject({ kind: "assign", nest: "2" });
  });

  it("of the same serial within two seconds is one scan", () => {
    const lastScan = { serial: "MC2-1", at: 8500 };
    const nests = [ready("1", "MC2-1")];
    expect(decideScan("MC2-1", context(nests, { lastScan }))).toMatchObject({ kind: "repeat" });
  });

  it("of a command is that command", () => {
    expect(decideScan("FL-START", context([]))).toEqual({ kind: "start" });
    expect(decideScan("fl-cancel", context([]))).toEqual({ kind: "cancel" });
    expect(decideScan("FL-OK", context([]))).toEqual({ kind: "acknowledge" });
  });
});

describe("a scan while a label waits", () => {
  const nests = [waiting("1"), ready("2", "MC2-2")];
  const decide = (text: string) => decideScan(text, context(nests, { label: true }));

  it("is the label's, whatever it says, but no command and no badge", () => {
    for (const text of ["MC2-1", "https://x.example/MC2-1", "4006381333931"]) {
      expect(decide(text)).toMatchObject({ kind: "label" });
    }
    expect(decide("FL-START")).toEqual({ kind: "start" });
    expect(decide("FL-NEST-1")).toEqual({ kind: "select", nest: "1" });
    expect(decide("FL-NONE")).toMatchObject({ kind: "refuse", code: "scan.command_unknown" });
    const badges = context(nests, { label: true, badgePrefix: "B-" });
    expect(decideScan("B-1", badges)).toEqual({ kind: "badge" });
  });

  it("is one scan, also when it is read twice and the label is done by the first", () => {
    const url = "HTTPS://X.EXAMPLE/MC2-1";
    for (const serial of ["MC2-1", url]) {
      for (const label of [true, false]) {
        const again = context(nests, { label, lastScan: { serial, at: 9000 } });
        expect(decideScan(serial, again)).toEqual({ kind: "repeat", serial });
      }
    }
  });

  it("can ask for another one, and say why", () => {
    expect(decide("fl-reprint")).toEqual({ kind: "reprint" });
    expect(decide("FL-WHY-DAMAGED")).toEqual({ kind: "why-label", decision: "damaged" });
    expect(decide("FL-WHY-SKIP")).toEqual({ kind: "why-label", decision: "skip" });
    expect(decide("FL-WHY-NOT")).toMatchObject({ code: "scan.command_unknown" });
  });
});
