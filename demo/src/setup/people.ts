import { randomBytes } from "node:crypto";
import { DemoError } from "../errors.ts";
import type { Login, ServerProcess } from "../server.ts";

const password = (): string => randomBytes(9).toString("base64url");

export const ADMIN: Login = { name: "admin", role: "admin", password: password() };

export const makeLogins = (): readonly Login[] => [
  ADMIN,
  { name: "erika", role: "engineer", password: password() },
  { name: "franz", role: "firmware", password: password() },
  { name: "linda", role: "operator-lead", password: password() },
];

export const addPeople = (server: ServerProcess, logins: readonly Login[]): Promise<unknown> =>
  Promise.all(
    logins.map(({ name, role, password: secret }) =>
      server.command(
        `user-${name}`,
        ["user", "add", name, "--role", role, "--password-stdin"],
        `${secret}\n`,
      ),
    ),
  );

/** A token as a CI job gets one: it may publish and promote releases, and nothing else. */
export async function addReleaseToken(server: ServerProcess): Promise<string> {
  const said = await server.command("token-ci", [
    ...["token", "add", "ci", "--scope", "releases:publish", "--scope", "releases:promote"],
    ...["--scope", "read"],
  ]);
  const token = said.split(/\s+/).findLast((word) => /^[\w-]{24,}$/.test(word));
  if (token === undefined)
    throw new DemoError(`flashline-server token add printed no token:\n${said}`);
  return token;
}
