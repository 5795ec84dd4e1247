import { type PersonChanged, Role } from "@flashline/contract";
import { Argument, Command } from "commander";
import { type ApiClient, apiClient, type ServerOptions, withServerOptions } from "../api.ts";
import type { Console } from "../console.ts";
import { examples } from "../examples.ts";
import { showJson } from "../list.ts";
import { firstLineOfInput } from "./input.ts";
import { endedText, personText } from "./text.ts";

type Options = ServerOptions & { readonly reason: string; readonly passwordStdin?: true };
type Ask = (
  call: ApiClient,
  id: string,
  reason: string,
  value: string,
) => Promise<{ body: PersonChanged }>;

/** A command that changes one thing of a person. `value`: what comes after the name, where there is something. */
function changing(
  console: Console,
  command: Command,
  value: Argument | undefined,
  example: string,
  ask: Ask,
): Command {
  command.argument("<name>", "the person's name or id");
  if (value !== undefined) command.addArgument(value);
  return withServerOptions(command)
    .requiredOption("--reason <text>", "why, for the ledger")
    .addHelpText("after", examples(`flashline person ${example}`))
    .action(async (name: string, ...rest: unknown[]) => {
      const given = value === undefined ? "" : String(rest[0]);
      const options = rest[value === undefined ? 0 : 1] as Options;
      const { body } = await ask(apiClient(console, options), name, options.reason, given);
      if (options.json) return showJson(console, "person", body);
      console.terminal.write(`${personText(body)}${endedText(body.ended)}`);
    });
}

export const roleCommand = (console: Console): Command =>
  changing(
    console,
    new Command("role"),
    new Argument("<role>", "what the person may do").choices(Object.values(Role)),
    'role berta operator-lead --reason "leads the night shift"',
    (call, id, reason, role) =>
      call("setPersonRole", { params: { id }, body: { role: role as Role, reason } }),
  );

export const plantCommand = (console: Console): Command =>
  changing(
    console,
    new Command("plant"),
    new Argument("<plant>", 'in whose stations their badge counts; "-" for all plants'),
    'plant olaf Brno --reason "moved"',
    (call, id, reason, plant) =>
      call("setPersonPlant", {
        params: { id },
        body: { plant: plant === "-" ? null : plant, reason },
      }),
  );

export const renameCommand = (console: Console): Command =>
  changing(
    console,
    new Command("rename"),
    new Argument("<new-name>", "what the person is called from now on"),
    'rename berta berta.muster --reason "there are two now"',
    (call, id, reason, name) => call("renamePerson", { params: { id }, body: { name, reason } }),
  );

export const passwordCommand = (console: Console): Command =>
  changing(
    console,
    new Command("password").requiredOption(
      "--password-stdin",
      "read the password from the standard input",
    ),
    undefined,
    'password berta --password-stdin --reason "forgot it" < password.txt',
    async (call, id, reason) => {
      const password = await firstLineOfInput("No password came on the standard input.");
      return await call("setPassword", { params: { id }, body: { password, reason } });
    },
  );

export const linkCommand = (console: Console): Command =>
  changing(
    console,
    new Command("link"),
    new Argument("<subject>", "the provider's own name of the person: the claim sub"),
    'link berta 00u8k2fw --reason "has an account at the provider now"',
    (call, id, reason, subject) =>
      call("linkPerson", { params: { id }, body: { subject, reason } }),
  );

export const unlinkCommand = (console: Console): Command =>
  changing(
    console,
    new Command("unlink"),
    undefined,
    'unlink berta --reason "linked to the wrong account"',
    (call, id, reason) => call("unlinkPerson", { params: { id }, body: { reason } }),
  );

export const disableCommand = (console: Console): Command =>
  changing(
    console,
    new Command("disable"),
    undefined,
    'disable berta --reason "left the company"',
    (call, id, reason) => call("disablePerson", { params: { id }, body: { reason } }),
  );

export const enableCommand = (console: Console): Command =>
  changing(
    console,
    new Command("enable"),
    undefined,
    'enable berta --reason "is back"',
    (call, id, reason) => call("enablePerson", { params: { id }, body: { reason } }),
  );
