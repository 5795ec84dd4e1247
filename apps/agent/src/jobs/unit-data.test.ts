import { createHash } from "node:crypto";
import { FlashlineError, Recipe } from "@flashline/contract";
import { applyPatches, DfuError, type Image, parseImage } from "@flashline/dfu-core";
import { describe, expect, it } from "vitest";
import { imageForUnit } from "./unit-data.ts";

const SERIAL = field("serial", 0x0800_0010, 12, { from: "serial" });
const MAC = {
  ...field("mac", 0x0800_0020, 6, { from: "range", range: "mac" }),
  kind: "bytes",
};
const PIN = {
  ...field("pin", 0x0800_0030, 4, { from: "given" }),
  secret: true,
};
const SUM = {
  name: "sum",
  kind: "crc32",
  address: 0x0800_0040,
  length: 4,
  crc: { from: 0x0800_0010, to: 0x0800_0034 },
};

function field(name: string, address: number, length: number, value: object) {
  return { name, kind: "text", address, length, value };
}
const recipeWith = (...fields: readonly object[]) => Recipe.parse({ patch: { fields } });
/** As it is read from the cache: a Buffer, whose slice() is no copy. */
const FILE = Buffer.from(Uint8Array.from({ length: 256 }, (_, at) => at));
const image = (): Image => parseImage(FILE, { address: 0x0800_0000 });
const job = (pin: string) => ({
  serial: "MC2-000007",
  values: { mac: String(0x70b3_d512_3001) },
  secrets: { pin },
});

function codeOf(work: () => unknown): string {
  try {
    work();
    return "accepted";
  } catch (error) {
    return error instanceof FlashlineError || error instanceof DfuError ? error.code : "other";
  }
}

describe("a unit's image", () => {
  it("has each value where the recipe says, and nothing else is changed", () => {
    const made = imageForUnit(recipeWith(SERIAL, MAC), job("1234"), image());
    const expected = image().segments[0]?.data.slice() ?? new Uint8Array();
    expected.set(Buffer.from("MC2-000007\0\0"), 0x10);
    expected.set([0x70, 0xb3, 0xd5, 0x12, 0x30, 0x01], 0x20);
    expect(made.image.segments).toEqual([{ address: 0x0800_0000, data: expected }]);
    expect(made.patch?.fields).toEqual(["serial", "mac"]);
    const values = { serial: "MC2-000007", mac: "70b3d5123001" };
    const fields = recipeWith(SERIAL, MAC).patch?.fields ?? [];
    expect(made.patch?.digest).toBe(
      applyPatches(image(), fields, values).digest(createHash("sha256")),
    );
  });

  it("has a digest that tells nothing of a secret, nor of a checksum over it", () => {
    const recipe = recipeWith(SERIAL, PIN, SUM);
    const [one, other] = ["1234", "9876"].map((pin) => imageForUnit(recipe, job(pin), image()));
    expect(one?.image.segments).not.toEqual(other?.image.segments);
    expect(one?.patch).toEqual(other?.patch);
    const moved = imageForUnit(recipe, { ...job("1234"), serial: "MC2-000008" }, image());
    expect(moved.patch?.digest).not.toBe(one?.patch?.digest);
  });

  it("holds its secrets, and leaves the release's own bytes as they are", () => {
    const before = Buffer.from(Uint8Array.from(FILE));
    const made = imageForUnit(recipeWith(PIN, MAC), job("1234"), image());
    const flash = made.image.segments[0]?.data ?? new Uint8Array();
    expect(Buffer.from(flash.subarray(0x30, 0x34)).toString()).toBe("1234");
    expect(FILE.equals(before)).toBe(true);
  });

  it("is refused without a value, with one that does not fit, and with a secret in the wrong place", () => {
    const recipe = recipeWith(SERIAL, MAC, PIN);
    const codeWith = (change: object) =>
      codeOf(() => imageForUnit(recipe, { ...job("1234"), ...change }, image()));
    expect(codeWith({ values: {} })).toBe("values.missing");
    expect(codeWith({ secrets: {} })).toBe("values.missing");
    expect(codeWith({ values: { ...job("").values, pin: "1234" }, secrets: {} })).toBe(
      "values.missing",
    );
    expect(codeWith({ serial: "MC2-000000000007" })).toBe("image.patch_value");
    expect(codeWith({ values: { mac: String(2 ** 48) } })).toBe("image.patch_value");
  });

  it("is the release's own where the recipe has no unit data", () => {
    const whole = image();
    expect(imageForUnit(Recipe.parse({}), job("1234"), whole)).toEqual({ image: whole });
  });
});
