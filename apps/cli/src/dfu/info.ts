import { type UnitInfo, unitInfo } from "@flashline/dfu-core";
import { DfuSeCommand, DfuState, DfuStatus } from "@flashline/dfu-core/protocol";
import type { AttachedUnit } from "@flashline/usb-host";
import { Command } from "commander";
import type { Console } from "../console.ts";
import { defined } from "../defined.ts";
import { examples } from "../examples.ts";
import { ExitCode } from "../exit.ts";
import { hex32, sizeText } from "../terminal/units.ts";
import { runAttempt } from "./attempt.ts";
import { chipText, unitTable } from "./describe.ts";
import { type UnitOptions, withUnitOptions } from "./options.ts";
import { protectionText, type ReadProtection, readProtectionOf } from "./read-protection.ts";
import { identityOf } from "./reporter.ts";

export function infoCommand(console: Console): Command {
  return withUnitOptions(new Command("info"))
    .addHelpText(
      "after",
      examples(
        "flashline dfu info",
        "flashline dfu info --path 3-1.2 --pcapng link.pcapng",
        "flashline dfu info --usbip 127.0.0.1:3240/1-1 --json",
      ),
    )
    .action(async (options: UnitOptions) => {
      const { terminal } = console;
      process.exitCode = await runAttempt(console, options, async (attempt) => {
        const { unit, reporter } = attempt;
        const { chip, profile } = options;
        const report = await unitInfo({
          ...attempt,
          onEvent: reporter.event,
          ...defined({ chip, profile }),
        });
        if (report.info !== undefined) {
          const { portPath: path, ...rest } = unit;
          const readProtection = await readProtectionOf(attempt, options, report.info);
          if ("outcome" in readProtection) {
            reporter.finished(readProtection, "Asked");
            return ExitCode.Fail;
          }
          terminal.write(
            options.json
              ? `${JSON.stringify({ event: "info", path, ...rest, ...report.info, readProtection, identity: identityOf(report.info.identity) })}\n`
              : infoText(unit, report.info, readProtection),
          );
        }
        if (options.json || report.outcome === "FAIL") reporter.finished(report, "Asked");
        return report.outcome === "PASS" ? ExitCode.Done : ExitCode.Fail;
      });
    });
}

const nameOf = (table: Readonly<Record<string, number>>, value: number): string =>
  Object.entries(table).find(([, number]) => number === value)?.[0] ?? `unknown(${value})`;

const COMMANDS: ReadonlyMap<number, string> = new Map([
  [DfuSeCommand.GetCommands, "Get Commands"],
  [DfuSeCommand.SetAddress, "Set Address"],
  [DfuSeCommand.Erase, "Erase"],
  [DfuSeCommand.ReadUnprotect, "Read Unprotect"],
]);

const commandName = (command: number): string =>
  COMMANDS.get(command) ?? `0x${command.toString(16).padStart(2, "0")}`;

function infoText(unit: AttachedUnit, info: UnitInfo, protection: ReadProtection): string {
  const { identity, memories } = info;
  const commands = info.commands.map(commandName).join(", ");
  const zones = memories.flatMap((memory) =>
    memory.zones.map((zone) => {
      const sectors = zone.sectors
        .map(({ count, size }) => `${count} × ${sizeText(size)}`)
        .join(", ");
      const kind = memory.eeprom ? ", EEPROM" : "";
      return `  alternate ${memory.alternate}  ${hex32(zone.address)}  ${memory.name}: ${sectors}${kind}`;
    }),
  );
  return `${[
    unitTable([unit]).trimEnd(),
    `Chip: ${chipText(identity)}`,
    ...identity.evidence.map((line) => `  by ${line}`),
    `State: ${nameOf(DfuState, info.state)}, status ${nameOf(DfuStatus, info.status)}`,
    `Commands: ${commands}; blocks of up to ${info.transferSize} bytes`,
    `Read protection: ${protectionText(protection)}`,
    ...(protection.evidence === "" ? [] : [`  by ${protection.evidence}`]),
    "Memories:",
    ...zones,
    ...info.unread.map(({ why }) => `  not all is known: ${why}`),
    ...(info.untoldBytes === 0
      ? []
      : [`  ${sizeText(info.untoldBytes)} more of its flash lie where only its bank mode tells`]),
  ].join("\n")}\n`;
}
