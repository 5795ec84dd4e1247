import { Command } from "commander";
import type { Console } from "../console.ts";
import { detachCommand } from "./detach.ts";
import { eraseCommand } from "./erase.ts";
import { flashCommand } from "./flash.ts";
import { infoCommand } from "./info.ts";
import { leaveCommand } from "./leave.ts";
import { listCommand } from "./list.ts";
import { optionsCommand } from "./option-bytes.ts";
import { otpCommand } from "./otp.ts";
import { readCommand } from "./read.ts";
import { unprotectCommand } from "./unprotect.ts";
import { verifyCommand } from "./verify.ts";

export function dfuCommand(console: Console): Command {
  return new Command("dfu")
    .description("units on this PC's ports: list, flash, read, verify, erase, option bytes")
    .addCommand(listCommand(console))
    .addCommand(infoCommand(console))
    .addCommand(flashCommand(console))
    .addCommand(readCommand(console))
    .addCommand(verifyCommand(console))
    .addCommand(eraseCommand(console))
    .addCommand(optionsCommand(console))
    .addCommand(unprotectCommand(console))
    .addCommand(otpCommand(console))
    .addCommand(leaveCommand(console))
    .addCommand(detachCommand(console));
}
