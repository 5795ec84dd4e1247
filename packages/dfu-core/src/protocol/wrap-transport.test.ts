import { expect, it } from "vitest";
import { rom } from "../testing/descriptors.ts";
import { DfuRequest } from "./constants.ts";
import type { AbortSignalLike, DfuTransport } from "./transport.ts";
import { wrapTransport } from "./wrap-transport.ts";

const DEVICE = rom(["@Internal Flash  /0x08000000/04*016Kg"]);

const signal: AbortSignalLike = {
  aborted: false,
  reason: undefined,
  throwIfAborted: () => undefined,
  addEventListener: () => undefined,
  removeEventListener: () => undefined,
};

/** Writes down what it was called with; its state is private, as that of the real ones is. */
class Heard implements DfuTransport {
  readonly #calls: unknown[][] = [];
  descriptors = DEVICE;
  get calls() {
    return this.#calls;
  }
  #note(...words: unknown[]): Promise<void> {
    this.#calls.push(words);
    return Promise.resolve();
  }
  controlOut = (...words: unknown[]) => this.#note("out", ...words);
  async controlIn(...words: unknown[]) {
    await this.#note("in", ...words);
    return Uint8Array.of(7);
  }
  selectAlternate(alternate: number) {
    return this.#note("alternate", alternate);
  }
  async reset() {
    await this.#note("reset");
    return true;
  }
  reenumerate(deadlineMs: number) {
    return this.#note("reenumerate", deadlineMs);
  }
  close() {
    return this.#note("close");
  }
}

class Switched extends Heard {
  async powerCycle() {
    this.calls.push(["power"]);
    await Promise.resolve();
    return true;
  }
}

it("passes on everything that is not named, with the inner transport's own state", async () => {
  const inner = new Switched();
  const wrapped = wrapTransport(inner, {});
  await wrapped.controlOut(DfuRequest.Dnload, 2, Uint8Array.of(1), 100, signal);
  expect(await wrapped.controlIn(DfuRequest.Upload, 2, 8, 200, signal)).toEqual(Uint8Array.of(7));
  await wrapped.selectAlternate(3);
  expect(await wrapped.reset()).toBe(true);
  await wrapped.reenumerate(1500);
  expect(await wrapped.powerCycle?.()).toBe(true);
  await wrapped.close();
  expect(inner.calls).toEqual([
    ["out", DfuRequest.Dnload, 2, Uint8Array.of(1), 100, signal],
    ["in", DfuRequest.Upload, 2, 8, 200, signal],
    ["alternate", 3],
    ["reset"],
    ["reenumerate", 1500],
    ["power"],
    ["close"],
  ]);
});

it("shows the descriptors that the inner transport has now", () => {
  const inner = new Heard();
  const wrapped = wrapTransport(wrapTransport(inner, {}), {});
  inner.descriptors = { ...DEVICE, serial: "another" };
  expect(wrapped.descriptors.serial).toBe("another");
});

it("puts the changes in place, getters as getters", async () => {
  const inner = new Heard();
  let resets = 0;
  const wrapped = wrapTransport(inner, {
    get resets() {
      return resets;
    },
    reset: () => {
      resets += 1;
      return Promise.resolve(false);
    },
  });
  expect(await wrapped.reset()).toBe(false);
  expect(wrapped.resets).toBe(1);
  expect(inner.calls).toEqual([]);
});

it("switches no power where the inner transport cannot", () => {
  expect(wrapTransport(new Heard(), {}).powerCycle).toBeUndefined();
});
