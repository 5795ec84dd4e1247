export { makeFolder, removeDurably, syncFolder } from "./folder.ts";
export { type NamedFiles, namedFiles } from "./named-files.ts";
export { removeUnfinished } from "./unfinished.ts";
export { createDurably, moveDurably, replaceFile, tryBeside, writeDurably } from "./write.ts";
