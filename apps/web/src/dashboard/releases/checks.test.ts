import type { ReleaseView } from "@flashline/contract";
import { expect, test } from "vitest";
import { checksOf } from "./checks.ts";

const release = {
  state: "draft",
  check: "passed",
  keyId: "K1",
  chip: "STM32F407",
  boardRevisions: ["C"],
  daysLeft: null,
  checkMessage: null,
  images: [{}],
} as unknown as ReleaseView;

const levels = (checks: ReturnType<typeof checksOf>) =>
  Object.fromEntries(checks.map(({ name, level }) => [name, level]));

test("a good draft has nothing against it", () => {
  const run = { refusal: null, orders: [] } as never;
  expect(new Set(Object.values(levels(checksOf(release, undefined, run))))).toEqual(
    new Set(["ok"]),
  );
});

test("what stands in the way is told where it stands", () => {
  const run = {
    refusal: { code: "release.key_retired", message: "The key retired." },
    orders: [{ reached: "follows", otherBoards: 12 }],
  } as never;
  const key = { name: "old", state: "retired" } as never;
  const found = checksOf({ ...release, daysLeft: -1 } as ReleaseView, key, run);
  expect(levels(found)).toEqual({
    Signature: "warn",
    Images: "ok",
    "Board revisions": "warn",
    Expiry: "fail",
    Promotion: "fail",
  });
});

test("a refused check says what the server found", () => {
  const refused = { ...release, check: "refused", checkMessage: "It does not fit." } as ReleaseView;
  expect(checksOf(refused, undefined, undefined)[1]).toMatchObject({
    level: "fail",
    sentence: "It does not fit.",
  });
});
