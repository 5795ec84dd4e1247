import { FlashlineError, isCode, type Role } from "@flashline/contract";
import type { AuthRepository } from "../auth/repository.ts";
import type { AuthService } from "../auth/service.ts";
import type { ProviderConfig } from "../config/provider.ts";
import type { Sql } from "../db/sql.ts";
import { type Origin, provedAs } from "../ledger/origin.ts";
import type { PeopleChanges } from "../people/changes.ts";
import { personOfIdentity } from "../people/identities.ts";
import type { SessionsRepository } from "../people/sessions.ts";
import type { ProvedPerson } from "./provider.ts";

/** Of these the ledger is told: somebody proved who they are and was not let in. */
const REFUSALS: ReadonlySet<string> = new Set([
  "auth.no_role",
  /** The identity was taken away from the person in this moment. */
  "auth.not_proved",
  "auth.name_taken",
  "auth.disabled",
  "people.last_admin",
]);

export interface ProviderLoginParts {
  readonly sql: Sql;
  readonly changes: Pick<PeopleChanges, "add" | "setRole">;
  readonly auth: Pick<AuthService, "openAs">;
  readonly sessions: Pick<SessionsRepository, "endAll">;
  readonly noteRefused: AuthRepository["noteRefused"];
  readonly roles: ProviderConfig["roles"];
}

/** Lets in whom a provider proved. */
export function providerLogins(parts: ProviderLoginParts) {
  const { sql, changes, auth, sessions, noteRefused, roles } = parts;

  /** Adds who logs in for the first time. Nobody gets the account of somebody else who has, or had, the same name. */
  async function addPerson(proved: ProvedPerson, role: Role, by: Origin) {
    const { issuer, subject, name } = proved;
    const identity = { issuer, subject };
    await changes
      .add({ name, role, plant: null, passwordHash: null, identity }, by)
      .catch((error: unknown) => {
        if (!isCode(error, "request.conflict")) throw error;
      });
    // Where the name is taken it may be theirs: they came in by another browser in the same moment.
    const added = await personOfIdentity(sql, proved);
    if (added !== undefined) return added;
    throw new FlashlineError("auth.name_taken", undefined, { parameters: { person: name } });
  }

  async function letIn(proved: ProvedPerson, by: Origin) {
    const known = await personOfIdentity(sql, proved);
    const { name: called } = known ?? proved;
    const asThem = provedAs(by, { kind: "person", name: called });
    const found = roles.find(({ group }) => proved.groups.includes(group));
    if (found === undefined) {
      const reason = "is in no group of the provider that has a role here";
      if (known !== undefined) await sessions.endAll(known, reason, asThem);
      throw new FlashlineError("auth.no_role");
    }
    const { group, role } = found;
    const { id, name, ...person } = known ?? (await addPerson(proved, role, asThem));
    if (person.disabled) throw new FlashlineError("auth.disabled");
    if (person.role !== role) {
      await changes.setRole(id, role, `is in the provider's group ${group}`, asThem);
    }
    return await auth.openAs({ id, name, role }, proved, by);
  }

  return {
    /**
     * A session for whom the provider proved. Rejects with `auth.no_role`, `auth.name_taken`, `auth.disabled`, and with
     * `people.last_admin` where the provider makes the last admin something else.
     */
    async login(proved: ProvedPerson, by: Origin) {
      try {
        return await letIn(proved, by);
      } catch (error) {
        if (error instanceof FlashlineError && REFUSALS.has(error.code)) {
          await noteRefused(proved.name, error.code, by);
        }
        throw error;
      }
    },
  };
}
