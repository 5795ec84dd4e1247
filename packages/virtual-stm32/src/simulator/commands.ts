import { usage } from "../errors.ts";
import { parseFault } from "../faults/parse.ts";
import type { VirtualUnit } from "../unit/virtual-unit.ts";
import { parseApplication } from "./application.ts";

export interface CommandContext {
  readonly units: readonly VirtualUnit[];
  /** Serial of the next fresh unit in slot `index`. */
  freshSerial(index: number): string;
  dump(): void;
}

/** Done to a unit; `freshSerial` names the next one in its slot. */
type UnitAction = (unit: VirtualUnit, freshSerial: () => string) => void;

const bare =
  (action: UnitAction) =>
  (argument: string | undefined): UnitAction => {
    if (argument !== undefined) throw usage(`"${argument}": nothing follows here`);
    return action;
  };

const UNIT_COMMANDS: Readonly<Record<string, (argument: string | undefined) => UnitAction>> = {
  unplug: (word) => {
    const backAfterMs = word === undefined ? undefined : milliseconds(word);
    return (unit) => unit.unplug(backAfterMs);
  },
  plug: bare((unit) => unit.plug()),
  power: (word) => {
    if (word !== "on" && word !== "off") throw usage(`power "${word ?? ""}": on or off`);
    return (unit) => unit.setPower(word === "on");
  },
  powercycle: bare((unit) => unit.powerCycle()),
  application: (spec = "") => {
    const shown = parseApplication(spec);
    return (unit) => unit.showApplication(shown);
  },
  replace: (serial) => (unit, freshSerial) => unit.replace({ serial: serial ?? freshSerial() }),
};

/**
 * What the words ask for of a unit that is named elsewhere: "unplug", "500". Undefined when the first is no such command.
 * @throws SimError usage.argument for arguments that make no sense: now, not when the time has come
 */
export function readUnitCommand(words: readonly string[]): UnitAction | undefined {
  const [verb = "", argument, ...more] = words;
  const read = Object.hasOwn(UNIT_COMMANDS, verb) ? UNIT_COMMANDS[verb] : undefined;
  if (read === undefined) return undefined;
  if (more.length > 0) throw usage(`"${words.join(" ")}": too many words`);
  return read(argument);
}

/**
 * `unplug K [MS]`, `plug K`, `power K on|off`, `powercycle K`, `replace K [SERIAL]`, `application K SPEC`, `fault SPEC`, `status`, `dump`. Answers with
 * one line of JSON for each unit concerned.
 * @throws SimError usage.argument
 */
export function runCommand(context: CommandContext, line: string): string {
  const [verb = "", ...words] = line.trim().split(/\s+/);
  const [number, ...rest] = words;
  const action = readUnitCommand([verb, ...rest]);
  if (action !== undefined) {
    const { unit, index } = pick(context, number);
    action(unit, () => context.freshSerial(index));
    return statusLine(unit, index);
  }
  switch (verb) {
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
        `unknown command "${verb}": ${[...Object.keys(UNIT_COMMANDS), "fault", "status", "dump"].join(", ")}`,
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
