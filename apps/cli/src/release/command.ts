import { Command } from "commander";
import type { Console } from "../console.ts";
import { keygenCommand } from "./keygen.ts";
import { listCommand } from "./list.ts";
import { publishCommand } from "./publish.ts";
import { signCommand } from "./sign.ts";
import { promoteCommand, revokeCommand } from "./state.ts";

const EXAMPLES = `
Examples, in the order of a CI job:
  flashline release keygen release
  flashline release sign firmware.bin --product U2C --chip STM32F072 --version 1.4.0 --counter 7 --key release.key
  flashline release publish manifest.json
  flashline release promote U2C@1.4.0
  flashline release revoke U2C@1.4.0 --reason "wrong bootloader offset"`;

export function releaseCommand(console: Console): Command {
  return new Command("release")
    .description("sign, publish, promote and revoke releases")
    .addHelpText("after", EXAMPLES)
    .addCommand(keygenCommand(console))
    .addCommand(signCommand(console))
    .addCommand(publishCommand(console))
    .addCommand(promoteCommand(console))
    .addCommand(revokeCommand(console))
    .addCommand(listCommand(console));
}
