import { FlashlineError, Role } from "@flashline/contract";
import { z } from "zod";
import type { Database } from "../db/database.ts";
import type { Sql } from "../db/sql.ts";
import { statement } from "../db/statement.ts";
import { newId } from "../ids.ts";
import type { Origin } from "../ledger/origin.ts";
import { recordEvent } from "../ledger/record.ts";
import { endTokensOf } from "../tokens/end.ts";
import { type LockedAdmins, lockAdmins } from "./admins.ts";
import { addIdentity, type Identity, linkIdentity, unlinkIdentities } from "./identities.ts";
import { type Locked, lockPerson } from "./repository.ts";
import { endSessionsOf } from "./sessions.ts";

const None = z.object({});
const ADD = statement(
  ["id", "name", "role", "plantId", "passwordHash"],
  z.object({ id: z.string() }),
  `
INSERT INTO person (id, name, role, plant_id, password_hash)
VALUES (:id::uuid, :name, :role, :plantId::uuid, :passwordHash) ON CONFLICT (name) DO NOTHING RETURNING id`,
);
const SET_ROLE = statement(
  ["id", "role"],
  None,
  "UPDATE person SET role = :role WHERE id = :id::uuid",
);
const SET_PLANT = statement(
  ["id", "plantId"],
  None,
  "UPDATE person SET plant_id = :plantId::uuid WHERE id = :id::uuid",
);
const SET_PASSWORD = statement(
  ["id", "passwordHash"],
  None,
  "UPDATE person SET password_hash = :passwordHash WHERE id = :id::uuid",
);
/** By the command line, which lets anybody in again. */
const RESET = statement(
  ["id", "role", "passwordHash"],
  None,
  "UPDATE person SET role = :role, password_hash = :passwordHash, disabled_at = NULL WHERE id = :id::uuid",
);
const DISABLE = statement(
  ["id"],
  None,
  "UPDATE person SET disabled_at = now() WHERE id = :id::uuid",
);
const ENABLE = statement(["id"], None, "UPDATE person SET disabled_at = NULL WHERE id = :id::uuid");

/** Who has the name, or had it before. Only one person ever has: the ledger knows people by name. */
const NAMED = statement(
  ["name"],
  z.object({ id: z.string(), former: z.boolean() }),
  `
SELECT id, false AS former FROM person WHERE name = :name
UNION ALL SELECT person_id, true FROM former_name WHERE name = :name`,
);
const RENAME = statement(
  ["id", "name", "before"],
  None,
  `
WITH forgotten AS (DELETE FROM former_name WHERE name = :name AND person_id = :id::uuid),
     kept AS (INSERT INTO former_name (name, person_id) VALUES (:before, :id::uuid))
UPDATE person SET name = :name WHERE id = :id::uuid`,
);
const LEDGER_ID = statement(
  ["name"],
  z.object({ id: z.string() }),
  "SELECT ledger_name_of(:name) AS id",
);

export interface NewPerson {
  readonly name: string;
  readonly role: Role;
  readonly plant: { readonly id: string; readonly name: string } | null;
  readonly passwordHash: string | null;
  /** Nobody's before. */
  readonly identity?: Identity;
  readonly reason?: string | undefined;
}
/** What a change ended. */
export interface Ended {
  readonly sessions: number;
  readonly tokens: number;
}
const NOTHING: Ended = { sessions: 0, tokens: 0 };

/** Nobody has this id or name. */
export const personNotFound = (idOrName: string) =>
  new FlashlineError("request.not_found", `There is no person ${idOrName}.`, {
    parameters: { person: idOrName },
  });

/** Somebody else has, or had, this name. `differs`: in what, where the same person may be meant. */
export const nameTaken = (name: string, former: boolean, differs = "") =>
  new FlashlineError(
    "request.conflict",
    former
      ? `${name} is the name that somebody had before: the ledger knows that person's deeds under it.`
      : `There is a person ${name} already${differs}.`,
    { parameters: { person: name } },
  );

/** Ends sessions, and of who is no admin any more the tokens that they made. */
async function endFor(
  tx: Sql,
  person: Locked,
  role: Role,
  reason: string | undefined,
  by: Origin,
): Promise<Ended> {
  const sessions = await endSessionsOf(tx, person.id);
  const losesTokens = person.role === Role.Admin && role !== Role.Admin;
  return { sessions, tokens: losesTokens ? await endTokensOf(tx, person.id, reason, by) : 0 };
}

export type PeopleChanges = ReturnType<typeof peopleChanges>;

/** What is changed of people. Each is one transaction, with its event; what is so already is no error and no event. */
export function peopleChanges({ transaction }: Pick<Database, "transaction">) {
  /** `work` on the locked person. */
  const onPerson = (
    idOrName: string,
    work: (tx: Sql, person: Locked, admins: LockedAdmins) => Promise<Ended>,
  ) =>
    transaction(async (tx) => {
      const admins = await lockAdmins(tx);
      const person = await lockPerson(tx, idOrName);
      if (person === undefined) throw personNotFound(idOrName);
      return { id: person.id, ended: await work(tx, person, admins) };
    });

  return {
    /** Undefined where there is one with this name. Rejects with `request.conflict` where somebody had it before. */
    add(
      { plant, reason, identity, ...person }: NewPerson,
      by: Origin,
    ): Promise<string | undefined> {
      return transaction(async (tx) => {
        // Waits for whoever is giving a name away in this moment.
        await lockAdmins(tx);
        const named = await tx.row(NAMED, { name: person.name });
        if (named?.former === true) throw nameTaken(person.name, true);
        const added = await tx.row(ADD, { id: newId(), ...person, plantId: plant?.id ?? null });
        if (added === undefined) return undefined;
        if (identity !== undefined) await addIdentity(tx, added.id, identity);
        const { name, role } = person;
        await recordEvent(tx, {
          kind: "person.added",
          by,
          subject: { name },
          after: { role, ...(plant === null ? {} : { plant: plant.name }) },
          reason,
          data: {},
        });
        return added.id;
      });
    },
    /** From the command line: adds the person, or lets them in again with this role and password. */
    save(name: string, role: Role, passwordHash: string, by: Origin): Promise<void> {
      return transaction(async (tx) => {
        const admins = await lockAdmins(tx);
        const before = await lockPerson(tx, name);
        if (before === undefined) {
          const named = await tx.row(NAMED, { name });
          if (named?.former === true) throw nameTaken(name, true);
          await tx.row(ADD, { id: newId(), name, role, plantId: null, passwordHash });
        } else {
          if (role !== Role.Admin) admins.mustDoWithout(before);
          await tx.row(RESET, { id: before.id, role, passwordHash });
          await endFor(tx, before, role, undefined, by);
        }
        await recordEvent(tx, {
          kind: before === undefined ? "person.added" : "person.changed",
          by,
          subject: { name },
          ...(before === undefined ? {} : { before: { role: before.role } }),
          after: { role },
          data: {},
        });
      });
    },
    setRole: (idOrName: string, role: Role, reason: string, by: Origin) =>
      onPerson(idOrName, async (tx, person, admins) => {
        if (person.role === role) return NOTHING;
        admins.mustDoWithout(person);
        await tx.row(SET_ROLE, { id: person.id, role });
        const ended = await endFor(tx, person, role, reason, by);
        await recordEvent(tx, {
          kind: "person.role-changed",
          by,
          subject: { name: person.name },
          before: { role: person.role },
          after: { role },
          reason,
          data: { ...ended },
        });
        return ended;
      }),
    setPlant: (idOrName: string, plant: NewPerson["plant"], reason: string, by: Origin) =>
      onPerson(idOrName, async (tx, person) => {
        if (person.plantId === (plant?.id ?? null)) return NOTHING;
        await tx.row(SET_PLANT, { id: person.id, plantId: plant?.id ?? null });
        await recordEvent(tx, {
          kind: "person.plant-changed",
          by,
          subject: { name: person.name },
          before: { plant: person.plant },
          after: { plant: plant?.name ?? null },
          reason,
          data: {},
        });
        return NOTHING;
      }),
    /** Rejects with `request.conflict` where somebody else has, or had, the name. */
    rename: (idOrName: string, name: string, reason: string, by: Origin) =>
      onPerson(idOrName, async (tx, person) => {
        if (person.name === name) return NOTHING;
        const named = await tx.row(NAMED, { name });
        if (named !== undefined && named.id !== person.id) throw nameTaken(name, named.former);
        await tx.row(RENAME, { id: person.id, name, before: person.name });
        const now = await tx.row(LEDGER_ID, { name });
        await recordEvent(tx, {
          kind: "person.renamed",
          by,
          subject: { name: person.name },
          reason,
          data: { nowKnownAs: now?.id ?? "" },
        });
        return NOTHING;
      }),
    /**
     * `own`: a person changes their own. The session stays, and what is stored of the password that they proved must be so still: else it
     * rejects with `auth.wrong`, because an admin took the account away from who knows that one, or disabled it.
     */
    setPassword: (
      idOrName: string,
      passwordHash: string,
      {
        reason,
        own,
      }: {
        readonly reason?: string;
        readonly own?: { readonly sessionId: string; readonly proved: string };
      },
      by: Origin,
    ) =>
      onPerson(idOrName, async (tx, person) => {
        if (person.role === Role.Operator) throw operatorsPassword();
        if (own !== undefined && (person.disabled || person.passwordHash !== own.proved)) {
          throw new FlashlineError("auth.wrong");
        }
        await tx.row(SET_PASSWORD, { id: person.id, passwordHash });
        const sessions = await endSessionsOf(tx, person.id, own?.sessionId);
        await recordEvent(tx, {
          kind: "person.password-set",
          by,
          subject: { name: person.name },
          reason,
          data: { sessions },
        });
        return { sessions, tokens: 0 };
      }),
    /** Rejects with `request.conflict` where somebody else logs in by it. */
    link: (idOrName: string, identity: Identity, reason: string, by: Origin) =>
      onPerson(idOrName, async (tx, person) => {
        await linkIdentity(tx, person, identity, reason, by);
        return NOTHING;
      }),
    unlink: (idOrName: string, reason: string, by: Origin) =>
      onPerson(idOrName, async (tx, person) => ({
        sessions: await unlinkIdentities(tx, person, reason, by),
        tokens: 0,
      })),
    disable: (idOrName: string, reason: string | undefined, by: Origin) =>
      onPerson(idOrName, async (tx, person, admins) => {
        if (person.disabled) return NOTHING;
        admins.mustDoWithout(person);
        await tx.row(DISABLE, { id: person.id });
        const sessions = await endSessionsOf(tx, person.id);
        const tokens = await endTokensOf(tx, person.id, reason, by);
        const subject = { name: person.name };
        const data = { sessions, tokens };
        await recordEvent(tx, { kind: "person.disabled", by, subject, reason, data });
        return data;
      }),
    enable: (idOrName: string, reason: string, by: Origin) =>
      onPerson(idOrName, async (tx, person) => {
        if (!person.disabled) return NOTHING;
        await tx.row(ENABLE, { id: person.id });
        const subject = { name: person.name };
        await recordEvent(tx, { kind: "person.enabled", by, subject, reason, data: {} });
        return NOTHING;
      }),
  };
}

/** An operator has no pages to log in at. */
export const operatorsPassword = () =>
  new FlashlineError("request.invalid", "An operator works by badge and has no password.");
