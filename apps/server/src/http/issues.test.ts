import { expect, test } from "vitest";
import { z } from "zod";
import { sayIssue } from "./issues.ts";

const SCHEMA = z.object({
  name: z.string().min(1).max(64),
  units: z.number().min(2).max(1_000_000),
  scopes: z.array(z.string()).max(2),
  overdue: z.enum(["warn", "block"]),
  address: z.email(),
  own: z.string().max(3, { error: "a word of its own" }),
});
const GOOD = { name: "L3", units: 5, scopes: [], overdue: "warn", address: "a@b.example", own: "" };

test.each([
  [{ name: "x".repeat(65) }, "Use at most 64 characters."],
  [{ name: "" }, "This is empty."],
  [{ units: 1 }, "Give 2 at least."],
  [{ units: 2_000_000 }, "Give 1,000,000 at most."],
  [{ scopes: ["a", "b", "c"] }, "Give at most 2 of them."],
  [{ overdue: "stop" }, "Choose one of warn, block."],
  [{ address: "nobody" }, "Give an e-mail address, such as lead@plant.example."],
  [{ name: undefined }, "This is missing."],
  [{ own: "long" }, "a word of its own"],
])("%j: %s", (wrong, sentence) => {
  const read = SCHEMA.safeParse({ ...GOOD, ...wrong }, { error: sayIssue });
  expect(read.error?.issues.map(({ message }) => message)).toEqual([sentence]);
});
