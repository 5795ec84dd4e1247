import { FlashlineError } from "@flashline/contract";
import type { Feature } from "../feature.ts";
import { route } from "../http/route.ts";
import type { App } from "../http/server.ts";
import { looping } from "../looping.ts";
import type { Platform } from "../platform.ts";
import { mailer } from "./mailer.ts";
import { outgoingRepository } from "./outgoing.repository.ts";
import { recipientsRepository } from "./recipients.repository.ts";

/** How often mails that are due are looked for, and those that are too old, milliseconds. */
const LOOK_MS = 2_000;
const FORGET_MS = 600_000;

/** Alarms by e-mail: who gets which, and their sending. */
export function mailFeature(app: App, { config, db, log, outages }: Platform): Feature {
  const recipients = recipientsRepository(db);
  const { mail, publicUrl } = config;
  const outgoing = outgoingRepository(db);
  const sender = mail === undefined ? undefined : mailer(outgoing, { ...mail, server: publicUrl });
  const mustBeSet = () => {
    if (sender !== undefined) return sender;
    throw new FlashlineError(
      "request.conflict",
      "This server sends no mail: set FLASHLINE_SMTP_URL and FLASHLINE_MAIL_FROM first.",
    );
  };
  const onError = (err: unknown) => {
    if (!outages.note("database", err)) log.error({ err }, "alarms could not be mailed");
  };
  const sending = looping(LOOK_MS, async () => await sender?.look(), onError);
  // Also where none is sent any more: else mails to those who were told before would pile up.
  const forgetting = looping(
    FORGET_MS,
    async () => {
      const mails = await outgoing.forget();
      if (mails > 0) log.error({ mails }, "alarms could not be mailed for a day: given up");
    },
    onError,
  );

  route(app, "recipients", async () => ({ status: 200, body: await recipients.list() }));
  route(app, "addRecipient", async ({ body, by }) => {
    mustBeSet();
    const { isNew, recipient } = await recipients.save(body, by);
    return { status: isNew ? 201 : 200, body: recipient };
  });
  route(app, "removeRecipient", async ({ params, by }) => ({
    status: 200,
    body: await recipients.remove(params.id, by),
  }));
  route(
    app,
    "testRecipient",
    async ({ params, by }) => {
      const { id, address } = await recipients.one(params.id);
      const error = await mustBeSet().test(id, address);
      await recipients.tested(id, error === null, by);
      return { status: 200, body: { sent: error === null, error } };
    },
    { patient: true },
  );
  return {
    handlers: {},
    start() {
      if (sender !== undefined && config.sends) sending.start();
      forgetting.start();
    },
    async close() {
      sender?.close();
      await Promise.all([sending.close(), forgetting.close()]);
    },
  };
}
