import { normaliseSerial } from "@flashline/contract";
import { serialPattern } from "@flashline/contract/pattern";
import { failureOf } from "../api/client.ts";

/** What a pattern says of a label, as import, server and station would. */
export type Trial =
  | { readonly kind: "nothing" }
  | { readonly kind: "unusable"; readonly why: string }
  | { readonly kind: "fits"; readonly serial: string }
  | { readonly kind: "other"; readonly serial: string };

export function tryPattern(pattern: string, label: string): Trial {
  if (pattern === "") return { kind: "nothing" };
  try {
    const fits = serialPattern(pattern);
    const serial = normaliseSerial(label);
    if (serial === "") return { kind: "nothing" };
    return { kind: fits(serial) ? "fits" : "other", serial };
  } catch (error) {
    return {
      kind: "unusable",
      why: error instanceof Error ? error.message : failureOf(error).message,
    };
  }
}

/** Why a pattern cannot be used; undefined: it can. */
export function unusable(pattern: string): string | undefined {
  const trial = tryPattern(pattern, "");
  return trial.kind === "unusable" ? trial.why : undefined;
}
