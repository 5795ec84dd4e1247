import { Command } from "commander";
import type { Console } from "../console.ts";
import { examples } from "../examples.ts";
import { ExitCode } from "../exit.ts";
import { unitTable } from "./describe.ts";
import { type SourceOptions, withSourceOptions } from "./options.ts";
import { attachedUnits, unitSource } from "./select.ts";

export function listCommand(console: Console): Command {
  return withSourceOptions(
    new Command("list").description(
      "units in bootloader mode, with what lies between them and the PC",
    ),
  )
    .addHelpText(
      "after",
      examples(
        "flashline dfu list",
        "flashline dfu list --usbip 127.0.0.1:3240",
        "flashline dfu list --json | jq -r 'select(.event == \"unit\") | .path'",
      ),
    )
    .action(async (options: SourceOptions) => {
      const { terminal } = console;
      const source = unitSource(options);
      try {
        const units = await attachedUnits(source);
        if (options.json) {
          for (const { portPath: path, ...unit } of units)
            terminal.write(`${JSON.stringify({ event: "unit", path, ...unit })}\n`);
          terminal.write(`${JSON.stringify({ event: "listed", units: units.length })}\n`);
        } else if (units.length === 0) {
          terminal.write(
            "No unit in bootloader mode. Set its boot pins (BOOT0 high), then plug it in or reset it.\n",
          );
        } else {
          terminal.write(unitTable(units));
        }
        process.exitCode = ExitCode.Done;
      } finally {
        await source.close();
      }
    });
}
