import { Refusal } from "../refusal.ts";

/** Rejects where nobody said why. */
export function givenReason(reason: string | undefined): string {
  if ((reason ?? "").trim() === "") throw new Refusal("usage.argument", 'Why? Say --reason "…".');
  return reason ?? "";
}
