import { usage } from "../errors.ts";
import { parseFault } from "../faults/parse.ts";
import type { VirtualUnit } from "../unit/virtual-unit.ts";

export interface CommandContext {
  readonly units: readonly VirtualUnit[];
  /** Serial of the next fresh unit in slot `index`. */
  freshSerial(index: number): string;
  dump(): void;
}

const UNIT_VERBS: readonly string[] = ["unplug", "plug", "powercycle", "replace"];

/** A command whose first word is a unit's number. */
export const isUnitVerb = (verb: string): boolean => UNIT_VERBS.includes(verb);

/**
 * `unplug K [MS]`, `plug K`, `powercycle K`, `replace K [SERIAL]`, `fault SPEC`, `status`, `dump`. Answers with one line of
 * JSON for each unit concerned.
 * @throws SimError usage.argument
 */
export function runCommand(context: CommandContext, line: string): string {
  const [verb = "", ...words] = line.trim().split(/\s+/);
  switch (verb) {
    case "unplug": {
      const { unit, index } = pick(context, words[0]);
      unit.unplug(words[1] === undefined ? undefined : milliseconds(words[1]));
      return statusLine(unit, index);
    }
    case "plug": {
      const { unit, index } = pick(context, words[0]);
      unit.plug();
      return statusLine(unit, index);
    }
    case "power": {
      const { unit, index } = pick(context, words[0]);
      if (words[1] !== "on" && words[1] !== "off") throw usage(`"${line}": on or off`);
      unit.setPower(words[1] === "on");
      return statusLine(unit, index);
    }
    case "powercycle": {
      const { unit, index } = pick(context, words[0]);
      unit.powerCycle();
      return statusLine(unit, index);
    }
    case "replace": {
      const { unit, index } = pick(context, words[0]);
      unit.replace({ serial: words[1] ?? context.freshSerial(index) });
      return statusLine(unit, index);
    }
    case "fault": {
      const { fault, unit } = parseFault(words.join(" "));
      const targets = unit === undefined ? context.units : [pick(context, String(unit)).unit];
      for (const target of targets) target.addFault(fault);
      return targets.map((target) => statusLine(target, context.units.indexOf(target))).join("\n");
    }
    case "status":
      return context.units.map(statusLine).join("\n");
    case "dump":
      context.dump();
      return context.units.map(statusLine).join("\n");
    default:
      throw usage(
        `unknown command "${verb}": unplug, plug, power, powercycle, replace, fault, status, dump`,
      );
  }
}

export function report(unit: VirtualUnit, index: number): Readonly<Record<string, unknown>> {
  return {
    unit: index + 1,
    part: unit.part.name,
    serial: unit.serial,
    mode: unit.mode,
    deviceNumber: unit.deviceNumber,
    counters: unit.counters,
    illegal: unit.illegal,
  };
}

const statusLine = (unit: VirtualUnit, index: number): string =>
  JSON.stringify(report(unit, index));

function pick(
  context: CommandContext,
  word: string | undefined,
): { readonly unit: VirtualUnit; readonly index: number } {
  const index = Number(word ?? "") - 1;
  const unit = context.units[index];
  if (!unit) throw usage(`no unit "${word ?? ""}": 1 to ${context.units.length}`);
  return { unit, index };
}

function milliseconds(word: string): number {
  if (!/^\d+$/.test(word)) throw usage(`"${word}" is not a time in ms`);
  return Number(word);
}
