import { once } from "node:events";
import type { AddressInfo } from "node:net";
import { SMTPServer } from "smtp-server";
import { afterAll, beforeAll, expect, it } from "vitest";
import { eventsOf } from "../testing/events.ts";
import { eventually, refusal } from "../testing/refusal.ts";
import { startTestServer, type TestClient, type TestServer } from "../testing/server.ts";
import { outgoingRepository } from "./outgoing.repository.ts";

interface Mail {
  readonly to: string;
  readonly text: string;
}
const mails: Mail[] = [];
let isFull = false;
const smtp = new SMTPServer({
  authOptional: false,
  allowInsecureAuth: true,
  onAuth({ username, password }, _session, done) {
    if (username === "plant" && password === "p@ss") done(null, { user: username });
    else done(new Error("wrong password"));
  },
  onData(stream, session, done) {
    const chunks: Buffer[] = [];
    stream.on("data", (chunk: Buffer) => chunks.push(chunk));
    stream.on("end", () => {
      if (isFull) return done(new Error("mailbox is full"));
      const to = session.envelope.rcptTo.map(({ address }) => address).join();
      // Lines are cut for the wire.
      const text = Buffer.concat(chunks).toString("utf8").replaceAll("=\r\n", "");
      mails.push({ to, text });
      done();
    });
  },
});

let server: TestServer;
let admin: TestClient;
beforeAll(async () => {
  smtp.listen(0, "127.0.0.1");
  await once(smtp.server, "listening");
  const { port } = smtp.server.address() as AddressInfo;
  server = await startTestServer({
    environment: {
      FLASHLINE_SMTP_URL: `smtp://plant:p%40ss@127.0.0.1:${port}?ignoreTLS=true`,
      FLASHLINE_MAIL_FROM: "flashline@plant.example",
      FLASHLINE_SERVER: "http://flashline.plant.example",
    },
  });
  admin = await server.person("admin");
});
afterAll(async () => {
  await server.close();
  await new Promise<void>((done) => smtp.close(() => done()));
});

const sql = () => server.platform.db.sql;
const patience = 30_000;
const mailsTo = (address: string) => mails.filter(({ to }) => to === address);
const got = (address: string, n: number) =>
  eventually(
    async () => mailsTo(address),
    (all) => all.length >= n,
    patience,
  );

it("alarms go to whom their rule names, once each; a mail that was not taken goes again", {
  timeout: 90_000,
}, async () => {
  const lead = "lead@plant.example";
  const line = "line@plant.example";
  const added = await admin("addRecipient", {
    body: { address: lead, rules: ["lead.called"], plant: "Graz" },
  });
  expect(added.status).toBe(201);
  await admin("addRecipient", { body: { address: line, rules: ["disk.low"] } });
  const station = server.station();
  const { body: call } = await station("callLead", { body: { nest: "A" } });
  const [first] = await got(lead, 1);
  expect(first?.text).toContain("Subject: [Flashline] ALARM: L3-01/A calls the lead.");
  expect(first?.text).toContain("From: flashline@plant.example");
  expect(first?.text).toContain("http://flashline.plant.example");
  isFull = true;
  await station("endCall", { params: { id: call.id } });
  await station("callLead", { body: {} });
  const failed = await eventually(
    async () => (await admin("recipients", {})).body.find(({ address }) => address === lead),
    (view) => view?.lastError != null,
    patience,
  );
  expect(failed).toMatchObject({
    waiting: 2,
    lastError: expect.stringContaining("mailbox is full"),
  });
  isFull = false;
  await sql().execute("UPDATE alarm_mail SET next_try_at = now()");
  const [, second, ...more] = await got(lead, 2);
  // Both in one.
  expect(second?.text).toContain("2 messages");
  expect(second?.text).toMatch(
    /OVER {2}[\s\S]*L3-01\/A calls the lead[\s\S]*ALARM {2}[\s\S]*L3-01 calls the lead/,
  );
  expect([more, mailsTo(line)]).toEqual([[], []]);
  // That the mail server has it is written down after it has.
  const after = async () =>
    (await admin("recipients", {})).body.map(({ waiting, lastError }) => [waiting, lastError]);
  await expect.poll(after, { timeout: patience }).toEqual([
    [0, null],
    [0, null],
  ]);
  const { id } = added.body;
  expect((await admin("testRecipient", { params: { id } })).body).toEqual({
    sent: true,
    error: null,
  });
  expect((await got(lead, 3)).at(-1)?.text).toContain("Subject: [Flashline] Trial");
  isFull = true;
  expect((await admin("testRecipient", { params: { id } })).body).toMatchObject({ sent: false });
  isFull = false;
  expect((await admin("removeRecipient", { params: { id } })).body.address).toBe(lead);
  const events = await eventsOf(sql(), "recipient.%");
  expect(events.map(({ kind }) => kind)).toEqual([
    ...[
      "recipient.added",
      "recipient.added",
      "recipient.tested",
      "recipient.tested",
      "recipient.removed",
    ],
  ]);
  expect(JSON.stringify(events)).not.toContain("plant.example");
});

it("what no mail server takes for a day is given up, and says so", async () => {
  const address = "night@plant.example";
  const { body: added } = await admin("addRecipient", { body: { address } });
  isFull = true;
  await server.station()("callLead", { body: { nest: "B" } });
  await eventually(
    async () => (await admin("recipients", {})).body.find(({ id }) => id === added.id),
    (view) => view?.waiting === 1 && view.lastError !== null,
    patience,
  );
  await sql().execute("UPDATE alarm_mail SET written_at = now() - interval '25 hours'");
  const replicas = [server.platform.db, server.platform.db].map(outgoingRepository);
  const given = await Promise.all(replicas.map((replica) => replica.forget()));
  expect(given.toSorted()).toEqual([0, 1]);
  isFull = false;
  const { body } = await admin("recipients", {});
  expect(body.find(({ id }) => id === added.id)).toMatchObject({
    waiting: 0,
    givenUp: 1,
    lastError: expect.stringContaining("mailbox is full"),
  });
});

it("nobody is added where no mail is sent, and no password stands in what is shown", async () => {
  const other = await startTestServer({ idle: true });
  const call = await other.person("engineer");
  const request = { body: { address: "a@plant.example" } };
  expect(await refusal(call("addRecipient", request))).toBe("409 request.conflict");
  await other.close();
  const reader = await server.person("firmware");
  expect(await refusal(reader("recipients", {}))).toBe("403 auth.forbidden");
});
