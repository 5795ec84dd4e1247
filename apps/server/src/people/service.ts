import {
  called,
  FlashlineError,
  type PersonDetail,
  type PersonRequest,
  Role,
} from "@flashline/contract";
import type { z } from "zod";
import { hashPassword, isPassword } from "../auth/passwords.ts";
import { roleOf } from "../auth/service.ts";
import type { PersonCaller } from "../http/caller.ts";
import type { Origin } from "../ledger/origin.ts";
import type { PlantRecord } from "../plants/repository.ts";
import type { TokensRepository } from "../tokens/repository.ts";
import {
  type Ended,
  nameTaken,
  operatorsPassword,
  type PeopleChanges,
  personNotFound,
} from "./changes.ts";
import type { PeopleRepository } from "./repository.ts";

/** More open sessions or valid tokens of one person are not shown with the person; their own lists have them. */
const SHOWN = 100;

export interface PeopleParts {
  readonly changes: PeopleChanges;
  readonly repository: PeopleRepository;
  readonly tokens: Pick<TokensRepository, "list">;
  readonly plantOf: (name: string) => Promise<PlantRecord | undefined>;
  /** Of the identity provider that is configured. */
  readonly issuer?: string | undefined;
  /** The hash of a person's password; for who changes their own. */
  readonly passwordOf: (name: string) => Promise<string | null>;
}

/** "engineer, plant Graz, disabled". */
const describe = ({ role, plant, disabledAt }: PersonDetail): string =>
  [
    role,
    plant === null ? "all plants" : called("plant", plant),
    disabledAt === null ? "" : "disabled",
  ]
    .filter((part) => part !== "")
    .join(", ");

/** People, as those see them who say what they may do. */
export function peopleService(parts: PeopleParts) {
  const { changes, repository, tokens } = parts;

  async function plantNamed(name: string | null) {
    if (name === null) return null;
    const plant = await parts.plantOf(name);
    if (plant !== undefined) return plant;
    throw new FlashlineError("request.invalid", `There is no ${called("plant", name)}.`, {
      parameters: { plant: name },
    });
  }

  /** `current`: id of the session that asks. Rejects with `request.not_found`. */
  async function show(idOrName: string, current?: string): Promise<PersonDetail> {
    const id = await repository.idOf(idOrName);
    const person = id === undefined ? undefined : await repository.person(id);
    if (id === undefined || person === undefined) throw personNotFound(idOrName);
    const [openSessions, validTokens] = await Promise.all([
      repository.sessions({ personId: id, limit: SHOWN }, current),
      tokens.list({ state: "valid", personId: id, limit: SHOWN }),
    ]);
    return { ...person, openSessions, validTokens };
  }

  const shown = async (change: Promise<{ id: string; ended: Ended }>) => {
    const { id, ended } = await change;
    return { ...(await show(id)), ended };
  };

  return {
    list: repository.list,
    show,
    /** The same again is no error. Rejects with `request.conflict` where somebody else is called so. */
    async add(
      { name, role, plant: plantName, password, reason }: z.output<typeof PersonRequest>,
      by: Origin,
    ): Promise<{ readonly isNew: boolean; readonly person: PersonDetail }> {
      if (role === Role.Operator && password !== undefined) throw operatorsPassword();
      const plant = await plantNamed(plantName);
      const passwordHash = password === undefined ? null : await hashPassword(password);
      const id = await changes.add({ name, role, plant, passwordHash, reason }, by);
      if (id !== undefined) return { isNew: true, person: await show(id) };
      const person = await show(name);
      const samePassword =
        password === undefined || (await isPassword(await parts.passwordOf(name), password));
      const isSame =
        person.role === role &&
        person.plant === (plant?.name ?? null) &&
        person.disabledAt === null;
      if (isSame && samePassword) return { isNew: false, person };
      throw nameTaken(name, false, isSame ? ", with another password" : `: ${describe(person)}`);
    },
    setRole: (id: string, role: Role, reason: string, by: Origin) =>
      shown(changes.setRole(id, role, reason, by)),
    async setPlant(id: string, plant: string | null, reason: string, by: Origin) {
      return await shown(changes.setPlant(id, await plantNamed(plant), reason, by));
    },
    rename: (id: string, name: string, reason: string, by: Origin) =>
      shown(changes.rename(id, name, reason, by)),
    async setPassword(id: string, password: string, reason: string, by: Origin) {
      return await shown(changes.setPassword(id, await hashPassword(password), { reason }, by));
    },
    /** Rejects with `auth.wrong` where `current` is not the password, or is not any more. */
    async changeOwnPassword(
      { id, name, sessionId }: PersonCaller,
      current: string,
      password: string,
      by: Origin,
    ): Promise<void> {
      const proved = await parts.passwordOf(name);
      if (!(await isPassword(proved, current)) || proved === null) {
        throw new FlashlineError("auth.wrong");
      }
      const own = { sessionId, proved };
      await changes.setPassword(id, await hashPassword(password), { own }, by);
    },
    /** Rejects with `request.invalid` where no provider is configured, and with `request.conflict` for somebody else's. */
    link(id: string, subject: string, reason: string, by: Origin) {
      const { issuer } = parts;
      if (issuer !== undefined) {
        return shown(changes.link(id, { issuer, subject }, reason, by));
      }
      const message = "No identity provider is configured here (FLASHLINE_OIDC_ISSUER).";
      return Promise.reject(new FlashlineError("request.invalid", message));
    },
    unlink: (id: string, reason: string, by: Origin) => shown(changes.unlink(id, reason, by)),
    disable: (id: string, reason: string | undefined, by: Origin) =>
      shown(changes.disable(id, reason, by)),
    enable: (id: string, reason: string, by: Origin) => shown(changes.enable(id, reason, by)),
    /** From the command line: adds the person, or lets them in again with this role and password. */
    async save(name: string, role: string, password: string, by: Origin): Promise<void> {
      const known = roleOf(role);
      if (known === Role.Operator) throw operatorsPassword();
      await changes.save(name, known, await hashPassword(password), by);
    },
  };
}
