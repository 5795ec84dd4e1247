import type { GoldenCheckView } from "@flashline/contract";
import { meaningOf } from "../../shared/meaning.ts";
import { Badge } from "../parts/Badge.tsx";

const LOOKS = {
  passed: { state: "PASS" },
  failed: { state: "FAIL" },
  running: { state: "RUNNING", word: "Runs, or no result yet" },
  open: { state: "new", word: "Not started" },
  void: { state: "unknown", word: "Says nothing" },
} as const;

/** What became of a check, with its code and what that means. */
export function Result({ check: { state, code } }: { readonly check: GoldenCheckView }) {
  return (
    <>
      <Badge {...LOOKS[state]} />
      {code !== null && (
        <span className="mono small" title={meaningOf(code)}>
          {code}
        </span>
      )}
    </>
  );
}
