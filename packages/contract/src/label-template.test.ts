import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { labelCode, labelZpl, readLabelTemplate, readScanBack } from "./label-template.ts";

const PLAIN = "^XA^FO40,40^A0N,40,40^FD{serial}^FS^XZ";
const HEX = "^XA^CI28^FO40,40^A0N,40,40^FH^FD{serial}^FS^XZ";
const zplOf = (template: string, serial: string, more: Record<string, string> = {}) =>
  labelZpl(readLabelTemplate(template), { serial, ...more });
const codeOf = (work: () => unknown): string => {
  try {
    work();
    return "taken";
  } catch (error) {
    return error instanceof Error && "code" in error ? String(error.code) : String(error);
  }
};

describe("a label's template", () => {
  it("is filled in, each value where it stands", () => {
    const template = readLabelTemplate(
      "^XA^FO1,1^FD{serial} {{{release}}}^FS^FO2,2^FD{mac:hex12}^FS^XZ\n",
    );
    expect(template.names).toEqual(["serial", "release", "mac"]);
    expect(labelZpl(template, { serial: "MC2-1", release: "2.8.1", mac: "123945616953344" })).toBe(
      "^XA^FO1,1^FDMC2-1 {2.8.1}^FS^FO2,2^FD70BA5B1E0000^FS^XZ\n".replace(
        "70BA5B1E0000",
        123945616953344n.toString(16).toUpperCase().padStart(12, "0"),
      ),
    );
  });

  it.each([
    ["no format", "{serial}"],
    ["a format that does not end", "^XA^FD{serial}^FS"],
    ["something behind the format", "^XA^FD{serial}^FS^XZ~JA"],
    ["a value as a command's parameter", "^XA^FO{serial},4^FDx^FS^XZ"],
    ["a value between fields", "^XA^FDx^FS{serial}^XZ"],
    ["a value behind a ~ in a field's data", "^XA^FDx~JA{serial}^FS^XZ"],
    ["another sign for commands", "^XA^CC!^FD{serial}^FS^XZ"],
    ["another sign for control commands", "^XA^FDx^FS~CT!^FD{serial}^FS^XZ"],
    ["a brace alone", "^XA^FD{serial^FS^XZ"],
    ["a placeholder that is none", "^XA^FD{serial:upper}^FS^XZ"],
    ["too many digits", "^XA^FD{serial:hex17}^FS^XZ"],
    ["a control character", "^XA^FD{serial}\u001b^FS^XZ"],
    ["too long a text", `^XA^FX${"x".repeat(32_000)}^FD{serial}^FS^XZ`],
  ])("is refused with %s", (_what, template) => {
    expect(codeOf(() => readLabelTemplate(template))).toBe("label.template_invalid");
  });

  it("says which value is not there, and takes nothing that an object has by itself", () => {
    expect(codeOf(() => zplOf("^XA^FD{mac}^FS^XZ", "A"))).toBe("label.value_missing");
    expect(codeOf(() => zplOf("^XA^FD{constructor}^FS^XZ", "A"))).toBe("label.value_missing");
  });

  it("without ^FH takes no value that is a command", () => {
    for (const serial of ["A^XZ", "A~JA", "Ä1", "A\u0007"]) {
      expect(codeOf(() => zplOf(PLAIN, serial))).toBe("label.value_unprintable");
    }
    expect(zplOf(PLAIN, "A_B-1")).toContain("^FDA_B-1^FS");
  });

  it("with ^FH writes every such sign in hexadecimal, also the one that begins hexadecimal", () => {
    expect(zplOf(HEX, "A^XZ_41~Ä")).toContain("^FDA_5EXZ_5F41_7E_C3_84^FS");
    expect(zplOf(HEX.replace("^FH", "^FH\\"), "A\\5E_")).toContain("^FDA\\5C5E\\5F^FS");
  });

  it("knows ^FH and Code 128 of their own field only", () => {
    const two = "^XA^FO1,1^BCN,80^FH^FD{serial}^FS^FO9,9^FD{order}^FS^XZ";
    expect(codeOf(() => zplOf(two, "A", { order: "W^1" }))).toBe("label.value_unprintable");
    expect(codeOf(() => zplOf(two, "A>5", { order: "W" }))).toBe("label.value_unprintable");
    expect(zplOf(two, "A", { order: "W>1" })).toContain("^FDW>1^FS");
  });

  it("shows a number with as many hexadecimal digits as it says, and no other", () => {
    const template = "^XA^FD{n:hex4}^FS^XZ";
    expect(zplOf(template, "A", { n: "255" })).toContain("^FD00FF^FS");
    expect(codeOf(() => zplOf(template, "A", { n: "65536" }))).toBe("label.value_unprintable");
    expect(codeOf(() => zplOf(template, "A", { n: "EU" }))).toBe("label.value_unprintable");
  });

  it("makes no command of any value", () => {
    const commands = (zpl: string) => zpl.replace(/[^^~]/g, "").length;
    fc.assert(
      fc.property(fc.string({ unit: "grapheme", minLength: 1 }), (serial) => {
        for (const template of [PLAIN, HEX]) {
          try {
            expect(commands(zplOf(template, serial))).toBe(commands(template));
          } catch (error) {
            expect(error).toMatchObject({ code: "label.value_unprintable" });
          }
        }
      }),
    );
  });
});

describe("what is scanned back", () => {
  it("is a text with the unit's values as they are", () => {
    const code = labelCode(readScanBack("https://x.example/{serial}?o={order}"), {
      serial: "A^1",
      order: "W",
    });
    expect(code).toBe("https://x.example/A^1?o=W");
  });

  it("says which unit it is, and can be scanned", () => {
    expect(codeOf(() => readScanBack("{order}"))).toBe("label.template_invalid");
    const long = { serial: "A", note: "x".repeat(250) };
    expect(codeOf(() => labelCode(readScanBack("{serial}{note}"), long))).toBe(
      "label.value_unprintable",
    );
  });
});
