import { CommanderError } from "commander";
import { deskAction } from "./desk-words.ts";
import type { Refusal } from "./refusal.ts";

/** A refusal for a person: what is wrong, and what to do. */
export function refusalText(refusal: Refusal): string {
  const { code, message, hint, cause } = refusal;
  if (cause instanceof CommanderError) {
    return cause.code === "commander.help" || cause.code === "commander.helpDisplayed"
      ? ""
      : `${message}\nAdd --help to see how it is used.\n`;
  }
  const action = hint ?? deskAction(code);
  return [
    message,
    ...(action === "" ? [] : [action]),
    ...(code === "usage.argument" ? [] : [`(${code})`]),
  ]
    .map((line) => `${line}\n`)
    .join("");
}
