import { InvalidArgumentError } from "commander";

export interface HubOption {
  readonly id: string;
  readonly tt: "none" | "single" | "multi";
}

export interface GapOption {
  readonly afterMs: number;
  readonly factor: number;
}

export interface SimOptions {
  readonly chip: string;
  readonly units: number;
  readonly usbip?: number;
  readonly usbredir?: number;
  readonly fault: readonly string[];
  readonly application?: string;
  readonly script?: string;
  readonly seed: number;
  readonly realTime?: true;
  readonly speed?: number;
  readonly dump?: string;
  readonly machine?: string;
  readonly controller?: string;
  readonly driver: string;
  readonly hub: readonly HubOption[];
  readonly loss?: number;
  readonly fatalShare?: number;
  readonly experimentGap?: GapOption;
  readonly maximum?: true;
  readonly json?: true;
}

/** A TCP port; 0 takes a free one. */
export function port(text: string): number {
  const value = /^\d{1,5}$/.test(text) ? Number(text) : Number.NaN;
  if (!(value <= 65_535))
    throw new InvalidArgumentError("Expected a port from 0 (a free one) to 65535.");
  return value;
}

export function usbId(text: string): string {
  if (!/^[0-9a-f]{4}:[0-9a-f]{4}$/i.test(text))
    throw new InvalidArgumentError("Expected vendor:device in hexadecimal, like 1022:15b8.");
  return text.toLowerCase();
}

export function probability(text: string): number {
  const value = Number(text);
  if (!(value >= 0 && value <= 1))
    throw new InvalidArgumentError("Expected a probability from 0 to 1.");
  return value;
}

/** ID or ID,single|multi|none; may be repeated, from the root port to the unit. */
export function hub(text: string, before: readonly HubOption[]): readonly HubOption[] {
  const [id = "", tt = "multi"] = text.split(",");
  if (tt !== "none" && tt !== "single" && tt !== "multi")
    throw new InvalidArgumentError("A hub's transaction translator is none, single or multi.");
  return [...before, { id: usbId(id), tt }];
}

/** MS,FACTOR: "50,0.1" makes the loss ten times rarer after 50 ms of silence. */
export function gap(text: string): GapOption {
  const [ms = "", factor = "", rest] = text.split(",");
  const option = { afterMs: Number(ms || "NaN"), factor: Number(factor || "NaN") };
  if (rest !== undefined || !(option.afterMs >= 0) || !(option.factor >= 0))
    throw new InvalidArgumentError("Expected MS,FACTOR, like 50,0.1.");
  return option;
}
