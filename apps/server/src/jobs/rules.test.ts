import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { newId } from "../ids.ts";
import { startTestServer, type TestServer } from "../testing/server.ts";
import { codeOf, lineOf, orderAndDie } from "./testing.ts";

let server: TestServer;
beforeAll(async () => {
  server = await startTestServer();
});
afterAll(() => server.close());

const change = (statement: string, values: readonly unknown[] = []) =>
  server.platform.db.sql.execute(statement, values);

/** The same refusal at preflight and at the order; nothing is left behind. */
async function refused(serial: string, nest = "A") {
  const line = lineOf(server);
  const { body } = await line.call("preflight", { body: { serial, nest } });
  if (body.go) return expect.fail(`${serial} was allowed`);
  expect(await codeOf(line.order(serial, nest))).toBe(body.code);
  const [jobs] = await server.platform.db.sql.query(
    "SELECT count(*)::int AS n FROM job j JOIN unit u ON u.id = j.unit_id WHERE u.serial = $1",
    [body.serial],
  );
  expect(jobs).toEqual({ n: 0 });
  return body;
}

const CASES: readonly {
  readonly code: string;
  readonly serial?: string;
  readonly nest?: string;
  readonly say: string;
  readonly before?: string;
  readonly after?: string;
}[] = [
  { code: "preflight.nest_unknown", nest: "Z", say: "This station has no nest Z." },
  {
    code: "preflight.nest_off",
    say: "Nest A was taken out of use (bent pin).",
    before: `INSERT INTO hold (id, kind, target_id, name, reason, set_by)
             SELECT gen_random_uuid(), 'nest', id, 'L3-01/A', 'bent pin', 'anna' FROM nest WHERE name = 'A'`,
    after: "UPDATE hold SET lifted_at = now()",
  },
  {
    code: "preflight.no_work_order",
    say: "No open work order is set for this station.",
    before: "UPDATE work_order SET state = 'closed'",
    after: "UPDATE work_order SET state = 'open'",
  },
  {
    code: "preflight.serial_malformed",
    serial: "FL-START",
    say: '"FL-START" does not look like a serial number of PSU-40.',
  },
  {
    code: "preflight.unknown_serial",
    say: "No unit of PSU-40 has the serial SN6001.",
    before: "UPDATE product SET registration = 'listed'",
    after: "UPDATE product SET registration = 'pattern'",
  },
  {
    code: "release.revoked",
    say: "Release 1.0.0 was revoked.",
    before: "UPDATE release SET state = 'revoked'",
    after: "UPDATE release SET state = 'released'",
  },
  {
    code: "release.not_released",
    say: "Release 1.0.0 is a draft.",
    before: "UPDATE release SET state = 'draft'",
    after: "UPDATE release SET state = 'released'",
  },
  {
    code: "release.expired",
    say: "Release 1.0.0 has expired.",
    before: "UPDATE release SET expires_at = now() - interval '1 s'",
    after: "UPDATE release SET expires_at = NULL",
  },
  {
    code: "preflight.board_revision",
    say: "Release 1.0.0 is for board revision C, D; of this unit its revision is not known.",
    before: "UPDATE release SET board_revisions = '{C,D}'",
    after: "UPDATE release SET board_revisions = '{}'",
  },
  {
    code: "preflight.quota_reached",
    say: "Work order WO-1 is for 0 units; 0 have passed, are in work, are unknown or are kept for stations without the server.",
    before: "UPDATE work_order SET quantity = 0",
    after: "UPDATE work_order SET quantity = 100",
  },
];

describe("a unit is not allowed", () => {
  it.each(CASES)("$code", async ({ code, serial = "SN6001", nest = "A", say, before, after }) => {
    if (before !== undefined) await change(before);
    try {
      const body = await refused(serial, nest);
      expect(body).toMatchObject({ code, message: say });
      expect(body.action.split(" ").length).toBeLessThanOrEqual(8);
    } finally {
      if (after !== undefined) await change(after);
    }
  });

  it("with the facts of the sentence by name, at preflight and at the order", async () => {
    const line = lineOf(server);
    const scan = { serial: "FL-START", nest: "A" };
    const facts = { serial: "FL-START", product: "PSU-40" };
    expect((await refused(scan.serial, scan.nest)).parameters).toEqual(facts);
    await expect(line.order(scan.serial, scan.nest)).rejects.toMatchObject({
      refusal: { parameters: facts },
    });
    await change("UPDATE work_order SET state = 'closed'");
    expect(await refused("SN6001")).not.toHaveProperty("parameters");
    await change("UPDATE work_order SET state = 'open'");
  });

  it("preflight.wrong_product: it belongs to another product", async () => {
    const id = newId();
    await change(
      "INSERT INTO product (id, name, chip, board_revisions) VALUES ($1, 'FAN-2', 'STM32F072', '{}')",
      [id],
    );
    await change("INSERT INTO unit (id, product_id, serial) VALUES ($1, $2, 'SN6002')", [
      newId(),
      id,
    ]);
    expect((await refused("SN6002")).message).toBe(
      "SN6002 is a FAN-2; this work order is for PSU-40.",
    );
  });

  it("preflight.previous_step: an earlier step is missing", async () => {
    const { productId, stepId } = server.seed;
    await change("UPDATE process_step SET position = 2 WHERE id = $1", [stepId]);
    await change(
      "INSERT INTO process_step (id, product_id, name, position) VALUES ($1, $2, 'burn-in', 1)",
      [newId(), productId],
    );
    const { body } = await lineOf(server).call("preflight", {
      body: { serial: "SN6003", nest: "A" },
    });
    expect(body).toMatchObject({
      code: "preflight.previous_step",
      message: 'SN6003 has not passed the earlier step "burn-in".',
    });
    await change("DELETE FROM process_step WHERE name = 'burn-in'");
  });

  it("preflight.busy, preflight.nest_busy and preflight.already_passed name the other side", async () => {
    const line = lineOf(server);
    const say = async (serial: string, nest: string) => {
      const { body } = await line.call("preflight", { body: { serial, nest } });
      return body.go ? "go" : `${body.code}: ${body.message}`;
    };
    await line.order("SN6004", "A");
    expect(await say("sn6004", "B")).toBe("preflight.busy: SN6004 is in work at L3-01, nest A.");
    expect(await say("SN6005", "A")).toBe("preflight.nest_busy: Nest A is in work with SN6004.");
    await line.flash("SN6006", {}, "B");
    expect(await say("SN6006", "B")).toBe(
      "preflight.already_passed: SN6006 has already passed this step.",
    );
    await change(`INSERT INTO hold (id, kind, target_id, name, reason, set_by)
                  SELECT gen_random_uuid(), 'host', id, machine, 'loses the link', 'anna' FROM host`);
    expect(await say("SN6007", "B")).toContain(
      "preflight.host_quarantined: The host behind nest B",
    );
    expect(await say("SN6007", "C")).toBe("go");
  });

  it("is checked again before the offer: what was revoked meanwhile is cancelled", async () => {
    const idle = await startTestServer({ idle: true });
    try {
      const jobId = await orderAndDie(idle, "SN6010");
      await idle.platform.db.sql.execute("UPDATE release SET state = 'revoked'");
      const replica = await startTestServer({ replicaOf: idle });
      const read = async () => {
        const [row] = await idle.platform.db.sql.query(
          "SELECT state, code FROM job WHERE id = $1",
          [jobId],
        );
        return row;
      };
      await expect
        .poll(read, { timeout: 15_000 })
        .toEqual({ state: "CANCELLED", code: "release.revoked" });
      await replica.close();
    } finally {
      await idle.close();
    }
  });
});
