import { Command } from "commander";
import type { Console } from "../console.ts";
import { goldenRuleCommand } from "./rule.ts";
import { goldenRunCommands } from "./runs.ts";
import { goldenTranscriptCommand } from "./transcript.ts";
import { goldenUnitCommands } from "./units.ts";

/** Golden units: what is registered, which nests are due, and golden runs of a host in doubt. */
export function goldenCommand(console: Console): Command {
  const command = new Command("golden");
  for (const one of goldenUnitCommands(console)) command.addCommand(one);
  command.addCommand(goldenTranscriptCommand(console));
  command.addCommand(goldenRuleCommand(console));
  for (const one of goldenRunCommands(console)) command.addCommand(one);
  return command;
}
