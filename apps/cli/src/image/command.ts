import { Command } from "commander";
import type { Console } from "../console.ts";
import { convertCommand } from "./convert.ts";
import { inspectCommand } from "./inspect.ts";
import { mergeCommand } from "./merge.ts";

export function imageCommand(console: Console): Command {
  return new Command("image")
    .description("firmware files: look inside, convert, merge")
    .addCommand(inspectCommand(console))
    .addCommand(convertCommand(console))
    .addCommand(mergeCommand(console));
}
