import type { UnitSource } from "@flashline/usb-host";
import { Command } from "commander";
import type { Console } from "../console.ts";
import { examples } from "../examples.ts";
import { ExitCode } from "../exit.ts";
import { Refusal } from "../refusal.ts";
import { unitTable } from "./describe.ts";
import { type SourceOptions, withSourceOptions } from "./options.ts";
import { attachedUnits, howToAttach, howToFind, unitSource, wantedKind } from "./select.ts";
import { waitFor } from "./wait.ts";

/** What is attached, at once or within the time of `--wait`. */
async function attachedOrNone(console: Console, source: UnitSource, options: SourceOptions) {
  if (options.wait === undefined) return await attachedUnits(source, options);
  return await waitFor(console, source, options, (units) => {
    if (units.length > 0) return units;
    throw new Refusal("device.not_found", `There is no ${wantedKind(options)}.`, {
      exit: ExitCode.NoUnit,
      hint: howToAttach(options),
    });
  });
}

export function listCommand(console: Console): Command {
  return withSourceOptions(new Command("list"))
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
        const attached = await attachedOrNone(console, source, options);
        const busid = options.usbip?.busid;
        const units = attached.filter(({ portPath }) => portPath === (busid ?? portPath));
        if (options.json) {
          for (const { portPath: path, ...unit } of units)
            terminal.write(`${JSON.stringify({ event: "unit", path, ...unit })}\n`);
          terminal.write(`${JSON.stringify({ event: "listed", units: units.length })}\n`);
        } else if (units.length === 0) {
          const where = busid === undefined ? "" : ` at ${busid}`;
          const others = attached.map(({ portPath }) => portPath).join(", ");
          const then = others === "" ? await howToFind(options) : `The server has ${others}.`;
          terminal.write(`No ${wantedKind(options)}${where}. ${then}\n`);
        } else {
          terminal.write(unitTable(units));
        }
        process.exitCode = ExitCode.Done;
      } finally {
        await source.close();
      }
    });
}
