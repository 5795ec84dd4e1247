import type { Command } from "commander";
import { proposalsFor } from "./proposals.ts";

/** What may stand where a value is expected. */
export type ValueKind =
  | { readonly kind: "choices"; readonly choices: readonly string[] }
  | { readonly kind: "file" }
  | { readonly kind: "port-path" }
  | { readonly kind: "anything" };

export interface OptionOutline {
  /** "--profile". */
  readonly name: string;
  readonly description: string;
  /** Undefined for an option without a value. */
  readonly value: ValueKind | undefined;
}

/** One command, as far as a shell has to know it. */
export interface CommandOutline {
  /** "dfu flash"; empty for the program itself. */
  readonly path: string;
  readonly children: readonly { readonly name: string; readonly description: string }[];
  readonly options: readonly OptionOutline[];
  /** What its arguments are; undefined where it takes none. */
  readonly argument: ValueKind | undefined;
}

const FILE_WORDS = /^(file|folder|manifest|image)/i;

/** The command and all below it, parents first. */
export function outline(command: Command, path = ""): readonly CommandOutline[] {
  const children = command.commands.map((child) => ({
    name: child.name(),
    description: child.description(),
  }));
  const options = command.options.map((option) => ({
    name: option.long ?? option.flags,
    description: option.description,
    value:
      option.required || option.optional
        ? valueKind(option.flags, option.argChoices ?? proposalsFor(path, option.long ?? ""))
        : undefined,
  }));
  const [argument] = command.registeredArguments;
  const own = {
    path,
    children,
    options: [...options, { name: "--help", description: "show how it is used", value: undefined }],
    argument: argument && valueKind(`<${argument.name()}>`, argument.argChoices),
  };
  const below = command.commands.flatMap((child) =>
    outline(child, `${path} ${child.name()}`.trim()),
  );
  return [own, ...below];
}

function valueKind(flags: string, choices: readonly string[] | undefined): ValueKind {
  if (choices !== undefined) return { kind: "choices", choices };
  if (flags.startsWith("--path ")) return { kind: "port-path" };
  const name = /[<[]([^>\]]+)[>\]]/.exec(flags)?.[1] ?? "";
  return { kind: FILE_WORDS.test(name) ? "file" : "anything" };
}

/** In single quotes, for any of the shells. */
export const quoted = (text: string): string => `'${text.replaceAll("'", "’")}'`;

/** Prints the port paths of the units that are plugged in. */
export const PORT_PATHS = `flashline dfu list --json 2>/dev/null | sed -n 's/.*"event":"unit","path":"\\([^"]*\\)".*/\\1/p'`;
