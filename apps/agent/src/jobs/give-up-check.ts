import type { NestRefusal } from "@flashline/contract";
import { backoffMs } from "../deliver/backoff.ts";

import { isFinal } from "../server/refusal.ts";
import { rest } from "../signals.ts";
import { type GiveBackOptions, settleCancelled } from "./give-back.ts";

/** Tells the server that nothing was erased in a check, until it answers for good. Never rejects. */
export async function giveUpCheck(
  checkId: string,
  refusal: NestRefusal,
  isJournaled: boolean,
  options: GiveBackOptions,
): Promise<void> {
  const { link, log, signal } = options;
  const body = { code: refusal.code.slice(0, 80), message: refusal.detail.slice(0, 500) };
  for (let attempt = 1; !signal.aborted; attempt++) {
    try {
      await link.call("giveUpGoldenCheck", { params: { id: checkId }, body }, { signal });
      break;
    } catch (error) {
      if (isFinal(error)) {
        log.warn({ checkId, code: error.refusal.code, step: "golden" }, "the check had moved on");
        break;
      }
      await rest(backoffMs(attempt), signal);
    }
  }
  if (isJournaled) await settleCancelled(checkId, refusal.code, options);
}
