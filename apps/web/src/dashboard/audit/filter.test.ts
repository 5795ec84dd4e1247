import { expect, test } from "vitest";
import { queryOf } from "./filter.ts";

test("days are those of the plant, wherever the browser is, with the whole last one", () => {
  expect(queryOf({ from: "2026-11-24", to: "2026-11-25" }, "Europe/Vienna")).toEqual({
    from: "2026-11-23T23:00:00.000Z",
    to: "2026-11-25T23:00:00.000Z",
  });
  expect(queryOf({ to: "2026-11-25" }, "Asia/Tokyo")).toEqual({ to: "2026-11-25T15:00:00.000Z" });
});

test("what is no day in an address is left out, and the rest holds", () => {
  for (const from of ["foo", "2026-13-45", "2026-11", "+010000-01-01", ""]) {
    expect(queryOf({ kind: "release.revoked", from }, "UTC")).toEqual({ kind: "release.revoked" });
  }
});

test("a name without a kind is a person's", () => {
  expect(queryOf({ who: "anna" }, "UTC")).toEqual({ who: "anna", whoKind: "person" });
  expect(queryOf({ who: "mes", whoKind: "token" }, "UTC")).toEqual({
    who: "mes",
    whoKind: "token",
  });
});
