import type { HostView } from "@flashline/contract";
import { expect, test } from "vitest";
import { leadOf, matrixOf, sayHosts, worstFirst } from "./order.ts";

function host(id: string, verdict: HostView["verdict"], change: Partial<HostView> = {}): HostView {
  return {
    id,
    name: id,
    station: null,
    machine: id,
    controller: "1022:15b8",
    controllerName: "",
    driver: "xhci_hcd",
    hubs: [],
    virtual: false,
    verdict,
    rung: null,
    sentence: null,
    evidence: "",
    r: null,
    d: null,
    repaired: false,
    flagged: false,
    blame: null,
    steps: [],
    advice: [],
    units: 100,
    attempts: 100,
    linkIncidents: { count: 0, n: 100, share: 0, low: 0, high: 0.04 },
    expected: null,
    failed: 0,
    passedElsewhere: 0,
    p95Ms: null,
    since: null,
    ...change,
  };
}

test("the worst host leads, and the surer of two suspects", () => {
  const hosts = [
    host("fine", "OK"),
    host("new", "NOT_ENOUGH_DATA"),
    host("maybe", "SUSPECT", { r: 120_000 }),
    host("sure", "SUSPECT", { r: 4e6 }),
  ];
  expect(worstFirst(hosts).map((each) => each.id)).toEqual(["sure", "maybe", "fine", "new"]);
  expect(leadOf(hosts)?.id).toBe("sure");
});

test("nobody leads when nobody is to blame", () => {
  const hosts = [host("fine", "OK"), host("new", "NOT_ENOUGH_DATA")];
  expect(leadOf(hosts)).toBeUndefined();
  expect(sayHosts(hosts)).toBe(
    "The host that can be judged loses the link no more often than the others with the same releases and batches. 1 host has too few units to say.",
  );
});

test("the matrix has one row for a controller with a hub and one without", () => {
  const rate = { count: 1, n: 50, share: 0.02, low: 0, high: 0.1 };
  const cell = (behindHub: boolean, profile: string) => ({
    controller: "1022:15b8",
    controllerName: "AMD",
    behindHub,
    profile,
    linkIncidents: rate,
  });
  const rows = matrixOf([cell(true, "fast"), cell(false, "fast"), cell(false, "gentle")]);
  expect(rows.map((row) => [row.behindHub, Object.keys(row.cells)])).toEqual([
    [false, ["fast", "gentle"]],
    [true, ["fast"]],
  ]);
});
