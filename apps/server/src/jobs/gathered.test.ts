import { FlashlineError } from "@flashline/contract";
import { expect, test } from "vitest";
import { gathered } from "./gathered.ts";

test("who comes while statements run is asked for together by the next, and gets its own answer", async () => {
  const asked: (readonly number[])[] = [];
  let release = () => {};
  const gate = new Promise<void>((resolve) => {
    release = resolve;
  });
  const double = gathered(async (numbers: readonly number[]) => {
    asked.push(numbers);
    await gate;
    return numbers.map((n) => 2 * n);
  });
  const answers = [1, 2, 3, 4, 5].map((n) => double(n));
  release();
  expect(await Promise.all(answers)).toEqual([2, 4, 6, 8, 10]);
  expect(asked).toEqual([[1], [2], [3, 4, 5]]);
});

test("a statement that fails is told to all who shared it, and the next one is asked", async () => {
  const ask = gathered((texts: readonly string[]) =>
    texts.includes("bad")
      ? Promise.reject(new FlashlineError("server.unavailable"))
      : Promise.resolve(texts),
  );
  const all = await Promise.allSettled(["a", "b", "bad", "c"].map((text) => ask(text)));
  expect(all.map(({ status }) => status)).toEqual([
    "fulfilled",
    "fulfilled",
    "rejected",
    "rejected",
  ]);
  expect(await ask("d")).toBe("d");
});
