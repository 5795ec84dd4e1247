export { type Explanation, explain } from "./explain.ts";
export { diagnose, rootOf } from "./root.ts";
