import { createTransport } from "nodemailer";
import type { Mail, OutgoingRepository } from "./outgoing.repository.ts";
import { mailText } from "./text.ts";

/** So long one mail may take in all: shorter than the time after which another replica would try. Milliseconds. */
const LONGEST_MS = 20_000;

/** Where alarms are sent from. */
export interface MailSettings {
  /** "smtp://user:password@host:587" or "smtps://…". */
  readonly url: string;
  readonly from: string;
  /** Address of this server's pages, to stand in the mail. */
  readonly server: string | undefined;
}

function reasonOf(error: unknown): string {
  const cause = error instanceof Error && error.name === "AbortError" ? error.cause : error;
  if (cause instanceof Error && cause.name === "TimeoutError")
    return `The mail server did not take it within ${LONGEST_MS / 1_000} seconds.`;
  return (error instanceof Error ? error.message : String(error)).slice(0, 300);
}

export function mailer(repository: OutgoingRepository, { url, from, server }: MailSettings) {
  const transport = createTransport(
    { url },
    // No program answers with a holiday.
    { from, headers: { "auto-submitted": "auto-generated" } },
  );

  const closing = new AbortController();

  /** The mail's id stays when it is sent once more: a mail server that lost its answer may have it. */
  const send = (to: string, id: string, mail: { subject: string; text: string }) =>
    transport.sendMail({
      to,
      messageId: `<${id}@flashline.invalid>`,
      ...mail,
      signal: AbortSignal.any([closing.signal, AbortSignal.timeout(LONGEST_MS)]),
    });

  async function tell(mails: readonly [Mail, ...Mail[]]): Promise<void> {
    const [{ id, address, recipientId }] = mails;
    try {
      await send(address, id, mailText(mails, server));
      await repository.sent(
        recipientId,
        mails.map((mail) => mail.id),
      );
    } catch (error) {
      // Ended by us: it is sent again.
      if (closing.signal.aborted) return;
      await repository.failed(recipientId, reasonOf(error));
    }
  }
  return {
    /** Sends what is due: what one recipient is told at the same time is one mail. */
    async look(): Promise<void> {
      const due = await repository.take();
      const byRecipient = new Map<string, [Mail, ...Mail[]]>();
      for (const mail of due) {
        const own = byRecipient.get(mail.recipientId);
        if (own === undefined) byRecipient.set(mail.recipientId, [mail]);
        else own.push(mail);
      }
      await Promise.all([...byRecipient.values()].map(tell));
    },
    /** What the mail server said of a trial; null when it took it. */
    async test(id: string, address: string): Promise<string | null> {
      const text = `This is a trial: alarms come to this address.\n${server ?? ""}\n`;
      const mail = { subject: "[Flashline] Trial", text };
      return await send(address, `${id}.${Date.now()}`, mail).then(() => null, reasonOf);
    },
    /** Ends what is under way: it is sent again. */
    close() {
      closing.abort();
      transport.close();
    },
  };
}
