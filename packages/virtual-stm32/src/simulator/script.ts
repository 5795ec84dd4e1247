import { SimError, usage } from "../errors.ts";
import { parseFault } from "../faults/parse.ts";
import { readUnitCommand } from "./commands.ts";

/** One line of a fault script: when, and the command that is given then. */
export interface ScriptEntry {
  readonly when:
    | { readonly kind: "at"; readonly ms: number }
    /** When the unit has taken so many bytes of DNLOAD data. */
    | { readonly kind: "after"; readonly bytes: number };
  /** 1-based. */
  readonly unit: number;
  readonly command: string;
}

/**
 * JSON lines: `{"atMs":500,"unit":2,"fault":"stall=5"}`, `{"afterBytes":4096,"unit":1,"command":"unplug"}`. Empty lines and
 * lines that start with # are skipped.
 * @throws SimError usage.argument with the line's number
 */
export function parseScript(text: string): readonly ScriptEntry[] {
  return text.split("\n").flatMap((line, index) => {
    const content = line.trim();
    if (content === "" || content.startsWith("#")) return [];
    return [entry(content, index + 1)];
  });
}

function entry(content: string, line: number): ScriptEntry {
  const value = parseLine(content, line);
  const unit = value["unit"];
  if (typeof unit !== "number" || !Number.isInteger(unit) || unit < 1) {
    throw usage(`script line ${line}: "unit" must be a number from 1`);
  }
  const command = atLine(line, () => commandOf(value, unit));
  if (command === undefined) throw usage(`script line ${line}: no known "fault" or "command"`);
  const { atMs, afterBytes } = { atMs: value["atMs"], afterBytes: value["afterBytes"] };
  if (typeof atMs === "number" && atMs >= 0) {
    return { when: { kind: "at", ms: atMs }, unit, command };
  }
  if (typeof afterBytes === "number" && afterBytes >= 0) {
    return { when: { kind: "after", bytes: afterBytes }, unit, command };
  }
  throw usage(`script line ${line}: "atMs" or "afterBytes" is missing`);
}

function commandOf(value: Readonly<Record<string, unknown>>, unit: number): string | undefined {
  const { fault, command } = { fault: value["fault"], command: value["command"] };
  if (typeof fault === "string") {
    const ofUnit = `${fault}:${unit}`;
    parseFault(ofUnit);
    return `fault ${ofUnit}`;
  }
  if (typeof command !== "string") return undefined;
  const words = command.trim().split(/\s+/);
  const [verb, ...rest] = words;
  return readUnitCommand(words) && [verb, unit, ...rest].join(" ");
}

/** Says which line is wrong. */
function atLine<T>(line: number, read: () => T): T {
  try {
    return read();
  } catch (error) {
    if (!(error instanceof SimError)) throw error;
    throw usage(`script line ${line}: ${error.message}`);
  }
}

function parseLine(content: string, line: number): Readonly<Record<string, unknown>> {
  try {
    const value: unknown = JSON.parse(content);
    if (typeof value === "object" && value !== null && !Array.isArray(value)) return { ...value };
  } catch (cause) {
    throw usage(`script line ${line} is not JSON: ${String(cause)}`);
  }
  throw usage(`script line ${line} is not an object`);
}
