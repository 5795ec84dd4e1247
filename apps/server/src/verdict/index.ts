export { adviceFor } from "./advice.ts";
export { judgeTables } from "./judge.ts";
export { proportion } from "./proportion.ts";
export type { HostRow, HostTables } from "./strata.ts";
export { tableMaker } from "./strata.ts";
export { hypergeometric } from "./tables.ts";
