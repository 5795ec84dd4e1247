import { labelZpl, readLabelTemplate } from "@flashline/contract";
import { expect, test } from "vitest";
import { labelFields } from "./label-fields.ts";

test("a label's texts and codes are read from what would be printed, with what ^FH wrote in hexadecimal", () => {
  const template = `^XA^CI28
^FO30,30^BY2^BCN,90^FD{serial}^FS
^FO30,150^A0N,30,30^FH^FD{product}  {date}^FS
^FT30,190^BQN,2,4^FDQA,{serial}^FS
^XZ`;
  const values = { serial: "MC2-1", product: "Größe ^_ 7", date: "2026-11-29" };
  expect(labelFields(labelZpl(readLabelTemplate(template), values))).toEqual([
    { kind: "Code 128", at: [30, 30], text: "MC2-1" },
    { kind: "Text", at: [30, 150], text: "Größe ^_ 7  2026-11-29" },
    { kind: "QR", at: [30, 190], text: "QA,MC2-1" },
  ]);
  expect(labelFields("")).toEqual([]);
});
