import { createTransport } from "nodemailer";
import type { Mail, OutgoingRepository } from "./outgoing.repository.ts";
import { mailText } from "./text.ts";

/** All together shorter than the time after which another replica would try. Milliseconds. */
const CONNECT_MS = 8_000;
const SILENT_MS = 8_000;

/** Where alarms are sent from. */
export interface MailSettings {
  /** "smtp://user:password@host:587" or "smtps://…". */
  readonly url: string;
  readonly from: string;
  /** Address of this server's pages, to stand in the mail. */
  readonly server: string | undefined;
}

const reasonOf = (error: unknown): string =>
  (error instanceof Error ? error.message : String(error)).slice(0, 300);

export function mailer(repository: OutgoingRepository, { url, from, server }: MailSettings) {
  const transport = createTransport(
    { url, connectionTimeout: CONNECT_MS, greetingTimeout: CONNECT_MS, socketTimeout: SILENT_MS },
    // No program answers with a holiday.
    { from, headers: { "auto-submitted": "auto-generated" } },
  );

  /** The mail's id stays when it is sent once more: a mail server that lost its answer may have it. */
  const send = (to: string, id: string, mail: { subject: string; text: string }) =>
    transport.sendMail({ to, messageId: `<${id}@flashline.invalid>`, ...mail });

  async function tell(mails: readonly [Mail, ...Mail[]]): Promise<void> {
    const [{ id, address, recipientId }] = mails;
    try {
      await send(address, id, mailText(mails, server));
      await repository.sent(
        recipientId,
        mails.map((mail) => mail.id),
      );
    } catch (error) {
      await repository.failed(recipientId, reasonOf(error));
    }
  }
  return {
    /** Sends what is due: what one recipient is told at the same time is one mail. How many were given up. */
    async look(): Promise<number> {
      const due = await repository.take();
      const byRecipient = new Map<string, [Mail, ...Mail[]]>();
      for (const mail of due) {
        const own = byRecipient.get(mail.recipientId);
        if (own === undefined) byRecipient.set(mail.recipientId, [mail]);
        else own.push(mail);
      }
      await Promise.all([...byRecipient.values()].map(tell));
      return due.length === 0 ? 0 : await repository.forget();
    },
    /** What the mail server said of a trial; null when it took it. */
    async test(id: string, address: string): Promise<string | null> {
      const text = `This is a trial: alarms come to this address.\n${server ?? ""}\n`;
      const mail = { subject: "[Flashline] Trial", text };
      return await send(address, `${id}.${Date.now()}`, mail).then(() => null, reasonOf);
    },
    close: () => transport.close(),
  };
}
