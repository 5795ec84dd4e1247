import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { runCommand } from "../testing.ts";

const folder = mkdtempSync(join(tmpdir(), "flashline-cli-image-"));
const path = (name: string) => join(folder, name);
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const flashline = (...words: string[]) => runCommand(words);

/** 16 bytes at 0x08000000 with a vector table, 4 in the next sector of an F407, and a start address. */
const HEX = `:020000040800F2
:100000000050002009000008FEE7FEE700000000DB
:04400000DEADBEEF84
:0400000508000009E6
:00000001FF
`;
const fix = (line: string) => {
  const bytes = Buffer.from(line.slice(1), "hex");
  const sum = bytes.subarray(0, -1).reduce((all, byte) => all + byte, 0);
  bytes[bytes.length - 1] = -sum & 0xff;
  return `:${bytes.toString("hex").toUpperCase()}`;
};

beforeAll(() => {
  writeFileSync(path("unit.hex"), HEX.trim().split("\n").map(fix).join("\n"));
});

describe("image inspect", () => {
  it("shows segments, gaps, start address and the chip's sectors", async () => {
    const { out } = await flashline("image", "inspect", path("unit.hex"), "--chip", "stm32f407vg");
    expect(out).toMatch(/Intel HEX file/);
    expect(out).toMatch(/0x08004000 {2}0x08004003 {2}4 bytes {3}after a gap of 16 KiB/);
    expect(out).toMatch(/Start address 0x08000009/);
    expect(out).toMatch(/STM32F407: 2 sectors of 12 used, granule 4 bytes, erased 0xff/);
    expect(out).toMatch(/0x08000000 {2}16 KiB +\|█·{15}\| {2}partly used: 16 bytes, 16 KiB free/);
    expect(out).toMatch(/0x08020000 {2}7 × 128 KiB +\|·{16}\| {2}not used/);
  });

  it("says the same as JSON", async () => {
    const { out } = await flashline(
      "image",
      "inspect",
      path("unit.hex"),
      "--chip",
      "F072",
      "--json",
    );
    expect(JSON.parse(out)).toMatchObject({
      event: "image",
      format: "hex",
      entry: 0x08000009,
      segments: [
        { address: 0x08000000, length: 16 },
        { address: 0x08004000, length: 4 },
      ],
      chip: { chip: "STM32F072", granule: 2, outside: 0 },
    });
  });

  it("names the line of a damaged file, and knows no chip X99", async () => {
    writeFileSync(path("bad.hex"), HEX.replace("DEADBEEF", "DEADBEEE"));
    const bad = await flashline("image", "inspect", path("bad.hex"));
    expect(bad).toMatchObject({ exit: 2, error: expect.stringMatching(/^line 2: checksum 0xdb/) });
    const chip = await flashline("image", "inspect", path("unit.hex"), "--chip", "X999");
    expect(chip).toMatchObject({ exit: 2, error: expect.stringMatching(/Known are STM32F107/) });
  });
});

describe("a file that is none, or too much", () => {
  it("is refused in a sentence", async () => {
    const run = async (file: string) => {
      const { exit, error } = await flashline("image", "inspect", file);
      return [exit, error];
    };
    expect(await run(path("none.hex"))).toEqual([
      2,
      `${path("none.hex")}: there is no such file.\n`,
    ]);
    expect(await run(folder)).toEqual([2, `${folder}: it is a folder.\n`]);
    writeFileSync(path("empty.bin"), "");
    const [exit, error] = await run(path("empty.bin"));
    expect([exit, error]).toEqual([2, expect.not.stringMatching(/release|lead/)]);
  });

  it("that never ends is given up", async () => {
    const { exit, error } = await flashline("image", "inspect", "/dev/zero");
    expect([exit, error]).toEqual([2, "/dev/zero: more than 256 MiB are not read.\n"]);
  });
});

describe("image convert", () => {
  it.each(["srec", "dfu", "hex", "bin"])(
    "to %s and back gives the same segments",
    async (ending) => {
      const there = path(`there.${ending}`);
      expect((await flashline("image", "convert", path("unit.hex"), there)).exit).toBe(0);
      const back = path(`back-${ending}.bin`);
      await flashline("image", "convert", there, back);
      const bytes = readFileSync(back);
      expect([bytes.length, bytes.readUInt32BE(0x4000)]).toEqual([0x4004, 0xdeadbeef]);
      expect(bytes[0x100]).toBe(0xff);
    },
  );

  it("refuses a raw file beyond the limit and a name that tells no format", async () => {
    const words = ["image", "convert", path("unit.hex"), path("no.bin"), "--limit", "16K"];
    const { exit, error } = await flashline(...words);
    expect([exit, error]).toEqual([2, expect.stringMatching(/at most 16384 .*0x08000010/)]);
    expect((await flashline("image", "convert", path("unit.hex"), path("x.img"))).exit).toBe(2);
    expect(existsSync(path("no.bin"))).toBe(false);
  });
});

/** What `image inspect` says of a file that was written. */
async function inspected(name: string) {
  const { out } = await flashline("image", "inspect", path(name), "--json");
  return JSON.parse(out) as {
    readonly segments: readonly { readonly address: number; readonly length: number }[];
    readonly target?: { readonly vendorId: number; readonly productId: number };
    readonly entry?: number;
  };
}

describe("image convert of a part, to another place, for another device", () => {
  const convert = (...words: string[]) =>
    flashline(
      "image",
      "convert",
      path("unit.hex"),
      ...words.slice(0, 1).map(path),
      ...words.slice(1),
    );

  it("--only and --skip name what they leave out", async () => {
    const only = await convert("only.hex", "--only", "0x08000000-0x08003fff");
    expect(only.error).toBe("Note: left out: 0x08004000 to 0x08004003 (4 bytes)\n");
    const skip = await convert("skip.hex", "--skip", "0x08004000-0x08004003", "--json");
    expect(JSON.parse(skip.out)).toMatchObject({
      warnings: ["left out: 0x08004000 to 0x08004003 (4 bytes)"],
    });
    const first = [{ address: 0x08000000, length: 16 }];
    expect((await inspected("only.hex")).segments).toEqual(first);
    expect((await inspected("skip.hex")).segments).toEqual(first);
  });

  it.each([
    ["a range that the file has nothing in", "0x20000000-0x20000fff", /nothing in 0x20000000/],
    ["a range that ends before it begins", "0x08000010-0x08000000", /ends before it begins/],
    ["an unclear address", "08000000-0800ffff", /unclear/],
  ])("%s is refused, and nothing is written", async (_, range, message) => {
    const { exit, error } = await convert("refused.hex", "--skip", range);
    expect({ exit, error }).toEqual({ exit: 2, error: expect.stringMatching(message) });
    expect(existsSync(path("refused.hex"))).toBe(false);
  });

  it("--rebase moves all of it, and says from where to where", async () => {
    const { error } = await convert("moved.hex", "--rebase", "0x08020000");
    expect(error).toMatch(/^Note: moved from 0x08000000 to 0x08020000; code that is linked/);
    expect((await inspected("moved.hex")).segments).toEqual([
      { address: 0x08020000, length: 16 },
      { address: 0x08024000, length: 4 },
    ]);
    await flashline("image", "convert", path("moved.hex"), path("raw.bin"));
    const raw = await flashline(
      "image",
      "convert",
      path("raw.bin"),
      path("raw.hex"),
      "--rebase",
      "0",
    );
    expect(raw.error).toMatch(/moved from 0x08000000 to 0x00000000/);
  });

  it("--device puts the ids into a DfuSe file, or behind a raw one, and into no other", async () => {
    await convert("ids.dfu", "--device", "1209:0001");
    expect((await inspected("ids.dfu")).target).toMatchObject({ vendorId: 0x1209, productId: 1 });
    await convert("ids.bin", "--device", "1eaf:0003");
    expect((await inspected("ids.bin")).target).toMatchObject({ vendorId: 0x1eaf, productId: 3 });
    const { exit, error } = await convert("ids.hex", "--device", "1209:0001");
    expect({ exit, error }).toEqual({ exit: 2, error: expect.stringMatching(/no place for USB/) });
  });
});

describe("image merge", () => {
  const merge = (...words: string[]) => flashline("image", "merge", ...words);

  it("makes one file of several, what they share counted once", async () => {
    const again = await flashline(
      ...[
        "image",
        "convert",
        path("unit.hex"),
        path("part.hex"),
        "--only",
        "0x08000008-0x0800000f",
      ],
    );
    expect(again.exit).toBe(0);
    writeFileSync(path("end.bin"), "end\0");
    const { exit, error } = await merge(
      ...[path("unit.hex"), path("part.hex"), path("end.bin"), "--address", "0x08008000"],
      ...["-o", path("merged.srec")],
    );
    expect({ exit, error }).toEqual({
      exit: 0,
      error: expect.stringMatching(/8 bytes come twice/),
    });
    expect((await inspected("merged.srec")).segments).toEqual([
      { address: 0x08000000, length: 16 },
      { address: 0x08004000, length: 4 },
      { address: 0x08008000, length: 4 },
    ]);
  });

  it("refuses other bytes for one address, and writes nothing", async () => {
    writeFileSync(path("other.bin"), "oth\0\0");
    const { exit, error } = await merge(path("unit.hex"), path("other.bin"), "-o", path("no.hex"));
    expect({ exit, error }).toEqual({
      exit: 2,
      error: expect.stringMatching(/differ at 0x08000000/),
    });
    expect(existsSync(path("no.hex"))).toBe(false);
  });

  it("refuses two raw files, which have no address of their own, and an output that it reads", async () => {
    writeFileSync(path("a.bin"), "aaaa");
    const two = await merge(path("a.bin"), path("other.bin"), "-o", path("no.hex"));
    expect(two).toMatchObject({ exit: 2, error: expect.stringMatching(/2 of the files are raw/) });
    const same = await merge(path("unit.hex"), path("a.bin"), "-o", path("unit.hex"));
    expect(same.exit).toBe(2);
  });

  it("refuses files for different devices until one is named", async () => {
    for (const ids of ["1209:0001", "1209:0002"])
      await flashline(
        ...["image", "convert", path("unit.hex"), path(`for-${ids}.dfu`), "--device", ids],
      );
    const files = [path("for-1209:0001.dfu"), path("for-1209:0002.dfu")];
    const { exit, error } = await merge(...files, "-o", path("no.dfu"));
    expect({ exit, error }).toEqual({ exit: 2, error: expect.stringMatching(/different USB dev/) });
    const named = await merge(...files, "-o", path("named.dfu"), "--device", "1209:0003");
    expect(named.exit).toBe(0);
    expect((await inspected("named.dfu")).target).toMatchObject({ productId: 3 });
  });
});

describe("per-unit data on the command line", () => {
  const field = { name: "key", kind: "bytes", address: "0x08004000", length: 4, secret: true };
  const spec = (fields: readonly object[]) => {
    writeFileSync(path("spec.json"), JSON.stringify({ fields }));
    return ["--patch-spec", path("spec.json")];
  };
  /** No unit can be there: nothing listens on port 1. Everything before the unit is looked for has run. */
  const flash = (...words: string[]) =>
    flashline("dfu", "flash", path("unit.hex"), "--usbip", "127.0.0.1:1", ...words);

  it("names fields and a digest, never a value, before any unit is touched", async () => {
    writeFileSync(path("key.txt"), "c0ffee42\n");
    const { out, error } = await flash(...spec([field]), "--patch", `key=@${path("key.txt")}`);
    expect(out).toMatch(/^1 field of per-unit data: key\nContent SHA-256 [0-9a-f]{64}\n/);
    expect(out + error).not.toMatch(/c0ffee42/i);
  });

  it.each([
    ["a value of a wrong length", ["--patch", "key=c0ffee42aa"], /secret field key/],
    ["a value without a name", ["--patch", "c0ffee42"], /NAME=VALUE/],
    ["two values", ["--patch", "key=c0ffee42", "--patch", "key=c0ffee42"], /same field/],
    ["another name", ["--patch", "c0ffee42=1"], /NAME=VALUE|not described/],
    ["no value", [], /key has no value/],
  ])("with %s is refused without telling it", async (_, words, message) => {
    const { out, error, exit } = await flash(...spec([field]), ...words);
    expect({ error, exit }).toEqual({ error: expect.stringMatching(message), exit: 2 });
    expect(out + error).not.toMatch(/c0ffee42/i);
  });

  it.each([
    ["a key that the schema lacks", { ...field, colour: 1 }, /colour/],
    ["another kind", { ...field, kind: "float" }, /kind/],
    ["an address in words", { ...field, address: "start" }, /0x0800fc00/],
    ["a field outside the image", { ...field, address: "0x08004001" }, /not all inside the image/],
  ])("with %s in the spec is refused", async (_, wrong, message) => {
    const { error, exit } = await flash(...spec([wrong]), "--patch", "key=c0ffee42");
    expect({ error, exit }).toEqual({ error: expect.stringMatching(message), exit: 2 });
  });

  it("without a spec, or with one that is no JSON, is refused", async () => {
    expect((await flash("--patch", "key=c0ffee42")).error).toMatch(/needs --patch-spec/);
    writeFileSync(path("spec.json"), "{ key: c0ffee42 }");
    const { error } = await flash("--patch-spec", path("spec.json"), "--patch", "key=c0ffee42");
    expect(error).toMatch(/no JSON/);
    expect(error).not.toMatch(/c0ffee42/);
  });
});
