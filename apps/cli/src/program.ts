import { Command, Help } from "commander";
import { completionCommand } from "./completion/command.ts";
import type { Console } from "./console.ts";
import { dfuCommand } from "./dfu/command.ts";
import { imageCommand } from "./image/command.ts";
import { releaseCommand } from "./release/command.ts";
import { hostCommand } from "./show/host.ts";
import { unitCommand } from "./show/unit.ts";
import { simCommand } from "./sim/command.ts";
import { VERSION } from "./version.ts";

const EXAMPLES = `
Examples:
  flashline dfu list
  flashline dfu flash firmware.dfu --leave
  flashline image inspect firmware.dfu
  flashline release sign firmware.bin --product U2C --chip STM32F072 --version 1.4.0 --counter 7 --key release.key
  flashline sim --chip f407 --units 8 --usbip 3240

"flashline COMMAND --help" shows the options and more examples.`;

/** Every command, with nothing run yet. */
export function createProgram(console: Console): Command {
  const program = new Command("flashline")
    .description(
      "Flashes STM32 units through the chip's own USB bootloader, and verifies every one.",
    )
    .version(VERSION)
    // Else "release sign --version 1.4.0" would be taken for the question which version this is.
    .enablePositionalOptions()
    .addHelpText("after", EXAMPLES)
    .addCommand(dfuCommand(console))
    .addCommand(imageCommand(console))
    .addCommand(releaseCommand(console))
    .addCommand(unitCommand(console))
    .addCommand(hostCommand(console))
    .addCommand(simCommand(console))
    .addCommand(completionCommand(console));
  applyToAll(program, (command) =>
    command
      .exitOverride()
      .configureHelp({ optionDescription })
      .configureOutput({
        writeOut: console.terminal.write,
        writeErr: console.terminal.writeError,
        // Errors are worded in one place, refusal-text.ts.
        outputError: () => undefined,
      }),
  );
  return program;
}

/** An empty list says nothing as a default. */
const optionDescription: Help["optionDescription"] = (option) =>
  Help.prototype.optionDescription(option).replace(" (default: [])", "");

function applyToAll(command: Command, change: (command: Command) => void): void {
  change(command);
  for (const child of command.commands) applyToAll(child, change);
}
