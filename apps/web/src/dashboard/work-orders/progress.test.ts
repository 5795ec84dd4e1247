import { expect, test } from "vitest";
import { progressOf } from "./progress.ts";

const order = {
  id: "0190a000-0000-7000-8000-000000000000",
  number: "WO-1",
  product: "MC-2",
  version: "2.8.1",
  channel: null,
  quantity: 200,
  used: 154,
  passed: 150,
  failed: 3,
  running: 4,
  state: "open" as const,
  stations: [],
  createdAt: "2026-11-20T09:00:00Z",
};

test("an order's bar never overflows", () => {
  expect(progressOf(order)).toMatchObject({ passed: 0.75, running: 0.02 });
  const full = progressOf({ ...order, passed: 201, running: 4 });
  expect(full.passed + full.running).toBe(1);
});

test("what is left is said, and a closed order does not promise more", () => {
  expect(progressOf(order).sentence).toBe("150 of 200 units passed, 50 to go.");
  expect(progressOf({ ...order, state: "closed" }).sentence).toBe(
    "Closed with 150 of 200 units passed.",
  );
  expect(progressOf({ ...order, passed: 200 }).sentence).toBe("Complete: 200 units passed.");
});
