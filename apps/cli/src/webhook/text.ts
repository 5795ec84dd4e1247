import type { WebhookSecret, WebhookView } from "@flashline/contract";
import type { z } from "zod";

/** A webhook with what its endpoint last said. */
export function webhookText(webhook: WebhookView): string {
  const { name, url, kinds, on, offReason, behind, position, deadLetters } = webhook;
  const { failingSince, tries, lastError, nextTryAt, deliveredAt } = webhook;
  return [
    `${name}  ${on ? "on" : `OFF  ${offReason ?? ""}`}\n`,
    `  ${url}  ${kinds.join(" ")}\n`,
    `  at position ${position}, ${behind} behind, last delivered ${deliveredAt ?? "never"}\n`,
    failingSince === null
      ? ""
      : `  takes nothing since ${failingSince}, tried ${tries} times: ${lastError}; next ${nextTryAt ?? "at once"}\n`,
    deadLetters === 0 ? "" : `  ${deadLetters} dead letters\n`,
  ].join("");
}

/** The secret, which is shown this once. */
export function secretText({ webhook, secret, oldUntil }: z.infer<typeof WebhookSecret>): string {
  const old = oldUntil === null ? "" : `The old one counts until ${oldUntil} too.\n`;
  return `${webhookText(webhook)}The secret is shown this once:\n  ${secret}\n${old}`;
}
