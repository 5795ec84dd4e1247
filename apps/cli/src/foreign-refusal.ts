import { FlashlineError, isKnownCode, RefusedError, whyUnreachable } from "@flashline/contract";
import { KeyFileError, SignatureError } from "@flashline/signing";
import { z } from "zod";
import { deskAction, KEYGEN_HINT } from "./desk-words.ts";
import { ExitCode } from "./exit.ts";
import { ofCode, Refusal } from "./refusal.ts";
import { systemErrorText } from "./system-error.ts";

/** What a server, a key, a file or the system refused; `refusal-of.ts` knows the others. */
export function foreignRefusal(error: unknown): Refusal {
  const cause = { cause: error };
  if (error instanceof RefusedError) {
    const { code, message, action } = error.refusal;
    const hint = isKnownCode(code) ? deskAction(code) : action;
    return new Refusal(code, message, { ...cause, exit: ExitCode.Fail, hint });
  }
  if (error instanceof FlashlineError) return ofCode(error);
  if (error instanceof KeyFileError) {
    const hint = error.encrypted ? { hint: KEYGEN_HINT } : {};
    return new Refusal(error.code, error.message, { ...cause, ...hint });
  }
  if (error instanceof SignatureError) return new Refusal(error.code, error.message, cause);
  if (error instanceof z.ZodError)
    return new Refusal("request.invalid", z.prettifyError(error), cause);
  if (error instanceof TypeError && error.message === "fetch failed")
    return new Refusal(
      "server.unavailable",
      `The server cannot be reached: ${whyUnreachable(error)}.`,
      {
        ...cause,
        exit: ExitCode.Fail,
      },
    );
  const ofSystem = systemErrorText(error);
  if (ofSystem !== undefined) return new Refusal("usage.argument", ofSystem, cause);
  return new Refusal("internal.bug", error instanceof Error ? error.message : String(error), {
    ...cause,
    exit: ExitCode.Fail,
  });
}
