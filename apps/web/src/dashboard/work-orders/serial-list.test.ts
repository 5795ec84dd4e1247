import { expect, test } from "vitest";
import { readSerialList } from "./serial-list.ts";

test("a list as a spreadsheet writes it: a byte order mark, semicolons, quotes and empty cells", () => {
  const text =
    '\uFEFFSerial;Board revision;batch\r\n"MC2-000001";C;"LOT ""9"""\r\nMC2-000002;;\r\n';
  expect(readSerialList(text)).toEqual({
    kind: "rows",
    rows: [
      { line: 2, serial: "MC2-000001", boardRevision: "C", batch: 'LOT "9"' },
      { line: 3, serial: "MC2-000002" },
    ],
  });
});

test("rows that name no order get the one on whose page the list was loaded", () => {
  const read = readSerialList("serial,order\nA,WO-1\nB,\n", "WO-2");
  expect(read.kind === "rows" && read.rows.map(({ order }) => order)).toEqual(["WO-1", "WO-2"]);
});

test("a file that is no list says what it lacks", () => {
  expect(readSerialList("")).toEqual({ kind: "unreadable", why: "The file is empty." });
  expect(readSerialList("serial\n")).toMatchObject({ kind: "unreadable" });
  expect(readSerialList("A\nB\n")).toMatchObject({ why: expect.stringContaining('"A"') });
  expect(readSerialList("batch\nB\n")).toMatchObject({ why: expect.stringContaining("serial") });
});

test("lines are counted as the file has them, also below a quoted line end", () => {
  const read = readSerialList('serial,batch\nA,"two\nlines"\nB,x\n');
  expect(read.kind === "rows" && read.rows.map(({ line }) => line)).toEqual([2, 4]);
});
