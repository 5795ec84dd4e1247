import { DfuError } from "@flashline/dfu-core";
import { CommanderError } from "commander";
import { ofCode, Refusal } from "./refusal.ts";

/** The one place where what others throw becomes an answer of the command line. */
export async function refusalOf(error: unknown): Promise<Refusal> {
  const cause = { cause: error };
  if (error instanceof Refusal) return error;
  if (error instanceof CommanderError)
    return new Refusal("usage.argument", error.message.replace(/^error: /, ""), cause);
  if (error instanceof DfuError) return ofCode(error);
  // Only now: a command at a unit needs neither the contract nor its schemas.
  const { foreignRefusal } = await import("./foreign-refusal.ts");
  return foreignRefusal(error);
}
