import { ROLES, type Role } from "@flashline/contract";

const names: Readonly<Record<string, string>> = ROLES;

/** [role, role and what it is for], the least first. */
export const ROLE_CHOICES: readonly (readonly [string, string])[] = Object.entries(names);

/** What a role is for; nothing of one that this version does not know. */
export const roleSays = (role: string): string =>
  Object.hasOwn(names, role) ? (names[role] ?? "") : "";

export const isRole = (role: string): role is Role => Object.hasOwn(names, role);

/** How a person proves who they are, in a sentence's end. */
export function waysText(ways: readonly string[]): string {
  const words: Readonly<Record<string, string>> = {
    password: "password",
    provider: "the provider",
    badge: "badge",
  };
  return ways.length === 0 ? "no way yet" : ways.map((way) => words[way] ?? way).join(", ");
}
