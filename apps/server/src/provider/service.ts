import { FlashlineError, type Role } from "@flashline/contract";
import type { AuthRepository } from "../auth/repository.ts";
import type { AuthService } from "../auth/service.ts";
import type { ProviderConfig } from "../config/provider.ts";
import type { Sql } from "../db/sql.ts";
import { type Origin, provedAs } from "../ledger/origin.ts";
import type { PeopleChanges } from "../people/changes.ts";
import { personOfIdentity } from "./identities.ts";
import type { ProvedPerson } from "./provider.ts";

/** Of these the ledger is told: somebody proved who they are and was not let in. */
const REFUSALS: ReadonlySet<string> = new Set([
  "auth.no_role",
  "auth.name_taken",
  "auth.disabled",
  "people.last_admin",
]);

export interface ProviderLoginParts {
  readonly sql: Sql;
  readonly changes: Pick<PeopleChanges, "add" | "setRole">;
  readonly auth: Pick<AuthService, "openAs">;
  readonly noteRefused: AuthRepository["noteRefused"];
  readonly roles: ProviderConfig["roles"];
}

/** Lets in whom a provider proved. */
export function providerLogins({ sql, changes, auth, noteRefused, roles }: ProviderLoginParts) {
  /** Who logs in by it, added at their first log-in. Nobody gets the account of somebody else who has the same name. */
  async function personOf(proved: ProvedPerson, role: Role, by: Origin) {
    const known = await personOfIdentity(sql, proved);
    if (known !== undefined) return known;
    const { issuer, subject, name } = proved;
    const identity = { issuer, subject };
    const asThem = provedAs(by, { kind: "person", name });
    await changes.add({ name, role, plant: null, passwordHash: null, identity }, asThem);
    // Where the name is taken there may be one who came in by the same identity in the same moment.
    const added = await personOfIdentity(sql, proved);
    if (added !== undefined) return added;
    throw new FlashlineError("auth.name_taken", undefined, { parameters: { person: name } });
  }

  async function letIn(proved: ProvedPerson, by: Origin) {
    const found = roles.find(({ group }) => proved.groups.includes(group));
    if (found === undefined) throw new FlashlineError("auth.no_role");
    const { group, role } = found;
    const person = await personOf(proved, role, by);
    if (person.disabled) throw new FlashlineError("auth.disabled");
    const { id, name } = person;
    const asThem = provedAs(by, { kind: "person", name });
    if (person.role !== role) {
      await changes.setRole(id, role, `is in the provider's group ${group}`, asThem);
    }
    return await auth.openAs({ id, name, role }, by);
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
