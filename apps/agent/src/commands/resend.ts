import { join } from "node:path";
import { FlashlineError } from "@flashline/contract";
import type { Config } from "../config.ts";
import { openAside } from "../deliver/aside.ts";
import { type Resent, resendAside } from "../deliver/resend.ts";
import { openJournal } from "../journal/journal.ts";
import { ResendAnswer } from "../page/resend-answer.ts";
import { readIdentity } from "../station/identity.ts";
import { lockData } from "../station/lock.ts";
import { agentUrl } from "./agent-url.ts";

const PATIENCE_MS = 30_000;

/** The agent that has the journal does it. */
async function askAgent(config: Config): Promise<Resent> {
  const url = agentUrl(config, "/api/resend");
  const signal = AbortSignal.timeout(PATIENCE_MS);
  const answer = await fetch(url, { method: "POST", signal }).catch((cause: unknown) => {
    const message = `An agent runs on this data folder, and does not answer at ${url}. Set FLASHLINE_PORT as it has it.`;
    throw new FlashlineError("config.invalid", message, { cause });
  });
  const read = ResendAnswer.safeParse(await answer.json().catch(() => undefined));
  if (answer.ok && read.success) return read.data;
  throw new FlashlineError("config.invalid", `What answers at ${url} is no agent that can resend.`);
}

async function resendHere({ dataDir }: Config): Promise<Resent> {
  const journal = await openJournal(dataDir);
  try {
    return await resendAside(await openAside(join(dataDir, "aside")), journal);
  } finally {
    await journal.close();
  }
}

/** Sends results again that the server refused for good, also while the agent runs. Answers sentences for a person. */
export async function resend(config: Config): Promise<readonly string[]> {
  await readIdentity(config.dataDir);
  const lock = await lockData(config.dataDir).catch(() => undefined);
  const { count, unreadable } = await (lock === undefined ? askAgent(config) : resendHere(config));
  await lock?.release();
  const when = lock === undefined ? "now" : "as soon as the agent runs";
  return [
    count === 0
      ? "No result is set aside here."
      : `${count === 1 ? "1 result is" : `${count} results are`} sent again ${when}. What the server refuses again stays set aside.`,
    ...unreadable.map((name) => `${join(config.dataDir, "aside", name)} holds no result.`),
  ];
}
