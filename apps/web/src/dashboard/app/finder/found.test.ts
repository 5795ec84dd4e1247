import type { HostView, ReleaseView, UnitView, WorkOrderView } from "@flashline/contract";
import { expect, test } from "vitest";
import { type Candidates, found, meant } from "./found.ts";

const unit = (id: string, serial: string, product = "MC-2"): UnitView => ({
  id,
  serial,
  product,
  boardRevision: null,
  batch: null,
  state: "passed",
  attempts: 1,
  lastAt: null,
  last: null,
});
const named = <T>(change: Partial<T>): T => change as T;
const NONE: Candidates = { units: [], hosts: [], releases: [], orders: [] };

test("a scanned serial means its unit, whatever else has it as a part", () => {
  const all = found(" mc2-0012 ", {
    ...NONE,
    units: [unit("1", "MC2-00123"), unit("2", "MC2-0012")],
  });
  expect(meant(all)?.id).toBe("2");
  expect(all.map(({ id }) => id)).toEqual(["2", "1"]);
});

test("the same serial of two products is a question", () => {
  const all = found("A1", { ...NONE, units: [unit("1", "A1"), unit("2", "A1", "PSU-40")] });
  expect(meant(all)).toBeUndefined();
  expect(all).toHaveLength(2);
});

test("hosts, orders and releases are found by a part and meant by their name", () => {
  const candidates: Candidates = {
    units: [],
    hosts: [
      named<HostView>({
        id: "h",
        name: "L3-07",
        machine: "pc-28",
        station: null,
        controllerName: "",
      }),
    ],
    releases: [named<ReleaseView>({ id: "r", version: "2.8.1", product: "MC-2" })],
    orders: [named<WorkOrderView>({ number: "WO-2.8", product: "MC-2" })],
  };
  expect(found("28", candidates).map(({ kind }) => kind)).toEqual(["host"]);
  expect(found("2.8", candidates).map(({ kind }) => kind)).toEqual(["order", "release"]);
  expect(meant(found("wo-2.8", candidates))).toMatchObject({ kind: "order" });
  expect(meant(found("2.8", candidates))).toBeUndefined();
});

test("a batch is found by its whole name alone, after what has the text as a name of its own", () => {
  const all = found("lot-7", { ...NONE, batch: { name: "lot-7", product: "MC-2" } });
  expect(all).toEqual([{ kind: "batch", id: "lot-7", name: "lot-7", detail: "MC-2", exact: true }]);
  expect(meant(all)?.kind).toBe("batch");
});
