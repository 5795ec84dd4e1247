import type { GoldenCheckView } from "@flashline/contract";

/** What became of a check, in words. */
export function sayCheck({ state, code }: Pick<GoldenCheckView, "state" | "code">): string {
  switch (state) {
    case "passed":
      return "PASS";
    case "failed":
      return `FAIL${code === null ? "" : ` ${code}`}`;
    case "running":
      return "runs, or no result yet";
    case "open":
      return "not started";
    case "void":
      return `says nothing${code === null ? "" : `: ${code}`}`;
  }
}
