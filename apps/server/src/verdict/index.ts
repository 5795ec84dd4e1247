export { adviceFor } from "./advice.ts";
export { judgeHosts } from "./judge.ts";
export { proportion } from "./proportion.ts";

export type { HostRow } from "./strata.ts";
