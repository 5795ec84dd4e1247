export type { LayoutSectors, LayoutZone, MemoryLayout } from "./layout.ts";

export { formatMemoryLayout, parseMemoryLayout } from "./parse.ts";
