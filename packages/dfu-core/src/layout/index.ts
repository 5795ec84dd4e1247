export type { LayoutSectors, LayoutZone, MemoryLayout } from "./layout.ts";
export { layoutSize, type Sector, sectorsOf } from "./memory.ts";
export { formatMemoryLayout, parseMemoryLayout } from "./parse.ts";
