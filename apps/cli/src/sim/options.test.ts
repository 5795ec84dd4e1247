import { InvalidArgumentError } from "commander";
import { describe, expect, it } from "vitest";
import { gap, hub } from "./options.ts";

describe("words of the simulator's options", () => {
  it("a gap is a time and what the loss is multiplied by after it", () => {
    expect(gap("50,0.1")).toEqual({ afterMs: 50, factor: 0.1 });
  });

  it.each(["50", "50,", ",1", "-1,1", "1,x", "1,1,1"])("no gap: %j", (text) => {
    expect(() => gap(text)).toThrow(InvalidArgumentError);
  });

  it("hubs are named from the root port to the unit", () => {
    expect(hub("05E3:0610,single", hub("0424:2514", []))).toEqual([
      { id: "0424:2514", tt: "multi" },
      { id: "05e3:0610", tt: "single" },
    ]);
    expect(() => hub("05e3:0610,triple", [])).toThrow(InvalidArgumentError);
  });
});
