export { type AdviceFacts, adviceFor } from "./advice.ts";
export { type HostJudgement, judgeHosts } from "./judge.ts";
export { proportion } from "./proportion.ts";
export { quantile } from "./quantile.ts";
export type { HostRow } from "./strata.ts";
