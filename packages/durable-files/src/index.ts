export { makeFolder, removeDurably, syncFolder } from "./folder.ts";
export { createDurably, moveDurably, replaceFile, tryBeside, writeDurably } from "./write.ts";
