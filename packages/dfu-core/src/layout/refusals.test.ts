import { describe, expect, it } from "vitest";
import { formatMemoryLayout, parseMemoryLayout } from "./index.ts";

describe("a layout string that cannot be", () => {
  it.each([
    ["x".repeat(2000), "2000 characters"],
    ["Internal Flash /0x08000000/1*1Kg", 'begin with "@"'],
    ["@Internal Flash", "expected /address/sectors"],
    ["@Internal Flash /0x08000000", "expected /address/sectors"],
    ["@Internal Flash /8000000/1*1Kg", "is no address"],
    ["@Internal Flash /0x08000000/1x1Kg", "is no sector description"],
    ["@Internal Flash /0x08000000/0*1Kg", "describes nothing"],
    ["@Internal Flash /0x08000000/1*0Kg", "describes nothing"],
    ["@Internal Flash /0x08000000/1*1K", "no access letter"],
    ["@Internal Flash /0xFFFFF000/2*4Kg", "beyond 4 GiB"],
  ])("%s", (text, why) => {
    expect(() => parseMemoryLayout(text)).toThrow(
      expect.objectContaining({ code: "device.layout", message: expect.stringContaining(why) }),
    );
  });

  it("is not one that merely lacks a letter at Device Feature, or has large, odd or write-only sectors", () => {
    const [feature] = parseMemoryLayout("@Device Feature/0xFFFF0000/01*004").zones;
    expect(feature?.sectors[0]).toMatchObject({ size: 4, readable: true, writable: true });
    const text = "@Ext  /0x90000000/02*001Mg,01*100 a,01*100 f";
    const layout = parseMemoryLayout(text);
    expect(formatMemoryLayout(layout)).toBe(text);
  });
});
