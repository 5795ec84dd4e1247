import { CLEARERS, type Clearer } from "../bootloader/state.ts";
import { usage } from "../errors.ts";
import { ALWAYS, type BusyWedge, type Fault, nth, probability, type Trigger } from "./fault.ts";

/** A fault as the command line names it, with the unit that has it. */
export interface FaultSpec {
  readonly fault: Fault;
  /** 1-based; undefined means every unit. */
  readonly unit: number | undefined;
}

type Reader = (value: string | undefined) => Fault;

/**
 * NAME[=VALUE][:UNIT]. A trigger is a probability ("0.02"), an occasion ("5", the fifth only) or "always".
 * @throws SimError usage.argument
 */
export function parseFault(text: string): FaultSpec {
  const match = /^([a-z][a-z0-9-]*)(?:=([^:]*))?(?::(\d+))?$/.exec(text.trim());
  const name = match?.[1] ?? "";
  const reader = Object.hasOwn(READERS, name) ? READERS[name] : undefined;
  if (!match || !reader) {
    throw usage(
      `fault "${text}": expected NAME[=VALUE][:UNIT], NAME one of ${FAULT_NAMES.join(", ")}`,
    );
  }
  const unit = match[3] === undefined ? undefined : Number(match[3]);
  if (unit === 0) throw usage(`fault "${text}": units count from 1`);
  return { fault: reader(match[2]), unit };
}

function trigger(value: string | undefined, otherwise: Trigger): Trigger {
  if (value === undefined || value === "") return otherwise;
  if (value === "always") return ALWAYS;
  const number = decimal(value);
  if (value.includes(".")) {
    if (number > 1) throw usage(`probability ${value} is above 1`);
    return probability(number);
  }
  if (number === 0) return probability(0);
  return nth(number);
}

function decimal(value: string): number {
  if (!/^\d+(\.\d+)?$/.test(value)) throw usage(`"${value}" is not a number`);
  return Number(value);
}

function integer(value: string): number {
  if (!/^(0x[0-9a-f]+|\d+)$/i.test(value)) throw usage(`"${value}" is not a whole number`);
  return Number(value);
}

const triggered =
  (
    kind:
      | "stall"
      | "lost-setup"
      | "lost-data"
      | "lost-ack"
      | "lost-status"
      | "silent-drop"
      | "false-vendor"
      | "false-target"
      | "bit-flip",
    otherwise: Trigger,
  ): Reader =>
  (value) => ({ kind, trigger: trigger(value, otherwise) });

const positional =
  (kind: "unplug" | "swap" | "power-cut" | "reboot", backAfterMs: number | undefined): Reader =>
  (value) => {
    const [bytes, back] = (value ?? "1024").split("@");
    return {
      kind,
      afterBytes: integer(bytes ?? ""),
      backAfterMs: back === undefined ? backAfterMs : integer(back),
    };
  };

const OFTEN = probability(0.02);

const READERS: Readonly<Record<string, Reader>> = {
  stall: triggered("stall", OFTEN),
  "lost-setup": triggered("lost-setup", OFTEN),
  "lost-data": triggered("lost-data", OFTEN),
  "lost-ack": triggered("lost-ack", OFTEN),
  "lost-status": triggered("lost-status", OFTEN),
  "silent-drop": triggered("silent-drop", ALWAYS),
  "false-vendor": triggered("false-vendor", nth(1)),
  "false-target": triggered("false-target", nth(1)),
  "bit-flip": triggered("bit-flip", nth(1)),
  "busy-wedge": (value) => {
    const [when = "", ...conditions] = (value || "reset").split(",");
    const [clearedBy = "", at] = when.split("@");
    return {
      kind: "busy-wedge",
      clearedBy: clearer(clearedBy),
      trigger: trigger(at, nth(3)),
      ...wedgeConditions(clearedBy, conditions),
    };
  },
  "slow-busy": (value) => {
    const [factor = "", at] = (value || "10").split("@");
    return { kind: "slow-busy", factor: decimal(factor), trigger: trigger(at, ALWAYS) };
  },
  "bank2-wedge": () => ({ kind: "bank2-wedge" }),
  "bank2-early": () => ({ kind: "bank2-early" }),
  "write-protect": (value) => ({ kind: "write-protect", sectors: numbers(value || "0") }),
  "read-protect": (value) => {
    const level = integer(value || "1");
    if (level !== 1 && level !== 2) throw usage(`read-protect=${value}: level 1 or 2`);
    return { kind: "read-protect", level };
  },
  unplug: positional("unplug", undefined),
  swap: positional("swap", 1500),
  "power-cut": positional("power-cut", undefined),
  reboot: positional("reboot", 800),
  "erase-cut": (value) => {
    const [at, back] = (value ?? "").split("@");
    const backAfterMs = back === undefined ? undefined : integer(back);
    return { kind: "erase-cut", trigger: trigger(at, nth(1)), backAfterMs };
  },
  stuck: (value) => {
    const [address = "", mask = "1"] = (value || "0x08000000").split("/");
    return { kind: "stuck", address: integer(address), mask: integer(mask) & 0xff, value: 0 };
  },
  "leave-silent": () => ({ kind: "leave-silent" }),
  "slow-boot": (value) => ({ kind: "slow-boot", ms: integer(value || "10000") }),
  "truncated-strings": (value) => ({ kind: "truncated-strings", bytes: integer(value || "112") }),
  serial: (value) => ({ kind: "serial", serial: value ?? "" }),
};

/** Every name that {@link parseFault} reads. */
export const FAULT_NAMES: readonly string[] = Object.keys(READERS);

function clearer(value: string): Clearer {
  const found = CLEARERS.find((known) => known === value);
  if (!found) throw usage(`"${value}" clears no wedge; known: ${CLEARERS.join(", ")}`);
  return found;
}

/** "over=256", "silent" */
function wedgeConditions(
  clearedBy: string,
  conditions: readonly string[],
): Pick<BusyWedge, "longerThan" | "silent"> {
  let found: Pick<BusyWedge, "longerThan" | "silent"> = {};
  for (const condition of conditions) {
    const [, bytes] = /^over=(.*)$/.exec(condition) ?? [];
    if (bytes !== undefined) found = { ...found, longerThan: integer(bytes) };
    else if (condition === "silent") found = { ...found, silent: true };
    else throw usage(`"${condition}" is no condition of busy-wedge; known: over=BYTES, silent`);
  }
  if (found.silent && (clearedBy === "clrstatus" || clearedBy === "abort")) {
    throw usage(`a silent unit takes no request: busy-wedge=${clearedBy} cannot be silent`);
  }
  return found;
}

/** "0,3,8-11" */
function numbers(text: string): readonly number[] {
  return text.split(",").flatMap((part) => {
    const [from = "", to = from] = part.split("-");
    const first = integer(from);
    const last = integer(to);
    if (last < first || last - first > 4096) throw usage(`"${part}" is not a range`);
    return Array.from({ length: last - first + 1 }, (_, index) => first + index);
  });
}
