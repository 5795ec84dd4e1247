import type { Attempt } from "./state.ts";

const UNIT_FAILURE = { outcome: "FAIL", code: "protection.read", blame: "unit" } as const;
const PASS = { outcome: "PASS", code: null, blame: null } as const;

/** How an attempt ends; `doubtful` results contradict their job or break the contract's form. */
export const ENDS = {
  pass: { ...PASS, touched: true },
  "pass with a wrong image": { ...PASS, touched: true, doubtful: "image" },
  "pass in no form": { ...PASS, touched: true, doubtful: "form" },
  "failure of the unit": { ...UNIT_FAILURE, touched: true },
  "failure before the first erase": { ...UNIT_FAILURE, touched: false },
  "failure of the host": { outcome: "FAIL", code: "link.budget", blame: "host", touched: true },
  "failure with a wrong image": { ...UNIT_FAILURE, touched: false, doubtful: "image" },
  "called off": { outcome: "FAIL", code: "attempt.cancelled", blame: "operator", touched: false },
} as const satisfies Readonly<
  Record<string, Pick<Attempt, "outcome" | "code" | "blame" | "touched"> & { doubtful?: string }>
>;
export type End = keyof typeof ENDS;
export const END_NAMES = Object.keys(ENDS) as readonly End[];
