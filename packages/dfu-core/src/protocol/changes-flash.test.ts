import { expect, it } from "vitest";
import { changesFlash } from "./changes-flash.ts";
import { DfuRequest } from "./constants.ts";

it.each([
  ["a block of data", 2, [0x00], true],
  ["the reserved block", 1, [0x21, 0, 0, 0, 8], true],
  ["the last block number", 0xffff, [0xff], true],
  ["erase of a sector", 0, [0x41, 0, 0, 0, 8], true],
  ["mass erase", 0, [0x41], true],
  ["Read Unprotect", 0, [0x92], true],
  ["SET_ADDRESS", 0, [0x21, 0, 0, 0, 8], false],
  ["Get Commands", 0, [0x00], false],
  ["the end of a download, which leaves", 2, [], false],
  ["nothing", 0, [], false],
])("%s", (_, value, bytes, changes) => {
  const data = Uint8Array.from(bytes);
  expect(changesFlash(DfuRequest.Dnload, value, data)).toBe(changes);
  expect(changesFlash(DfuRequest.Abort, value, data)).toBe(false);
});
