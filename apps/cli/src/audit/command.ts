import { Command } from "commander";
import type { Console } from "../console.ts";
import { chainCommand } from "./chain.ts";
import { feedCommand } from "./feed.ts";
import { auditListCommand } from "./list.ts";

export const auditCommand = (console: Console): Command =>
  new Command("audit")
    .addCommand(auditListCommand(console))
    .addCommand(chainCommand(console))
    .addCommand(feedCommand(console));
