import { expect, test } from "vitest";
import { readSerialList } from "./serial-list.ts";

test("a list is read as spreadsheets write it, with the lines that a person sees", () => {
  const text = '\uFEFFSerial;Board Revision;batch\r\nP1;B;"LOT; 1"\r\n\r\n P2 ;;\r\n';
  expect(readSerialList(text, "a.csv")).toEqual([
    { line: 2, serial: "P1", boardRevision: "B", batch: "LOT; 1" },
    { line: 4, serial: "P2", boardRevision: "", batch: "" },
  ]);
  expect(readSerialList("serial\nP1\n", "a.csv")).toEqual([{ line: 2, serial: "P1" }]);
  expect(readSerialList("serial\torder\nP1\tWO-1", "a.csv")).toEqual([
    { line: 2, serial: "P1", order: "WO-1" },
  ]);
});

test.each([
  ["an unknown column", "serial,colour\nP1,red\n", 'a.csv has a column "colour"'],
  ["a row with too many cells", "serial,batch\nP1,A,B\n", "a.csv cannot be read as CSV"],
  ["a quote that nobody closes", 'serial\n"P1\n', "a.csv cannot be read as CSV"],
  ["no column of serials", "batch,order\nA,B\n", 'a.csv has no column "serial"'],
])("%s is refused", (_what, text, message) => {
  expect(() => readSerialList(text, "a.csv")).toThrow(message);
});
