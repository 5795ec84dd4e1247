import type { AddressSpan } from "@flashline/dfu-core";
import { InvalidArgumentError } from "commander";

/** 0800 may be meant as octal, decimal or hexadecimal, so it is refused. */
function checkClear(text: string): void {
  if (/^0[0-9a-f]/i.test(text))
    throw new InvalidArgumentError(
      `${text} is unclear: write 0x${text} for hexadecimal, or a decimal number without the 0 at its front.`,
    );
}

/** "0x08000000" or "134217728". */
export function address(text: string): number {
  checkClear(text);
  const value = /^(0x[0-9a-f]{1,8}|\d{1,10})$/i.test(text) ? Number(text) : Number.NaN;
  if (!(value <= 0xffff_ffff))
    throw new InvalidArgumentError("Expected an address like 0x08000000.");
  return value;
}

/** FROM-TO, for options that may be given several times; both ends belong to the range. */
export function addressSpan(
  text: string,
  before: readonly AddressSpan[] = [],
): readonly AddressSpan[] {
  const [from, to, ...more] = text.split("-");
  if (from === undefined || to === undefined || more.length > 0)
    throw new InvalidArgumentError(
      "Expected the first and the last address, like 0x08000000-0x0800ffff.",
    );
  return [...before, { from: address(from), to: address(to) }];
}

const BYTES: ReadonlyMap<string, number> = new Map([
  ["", 1],
  ["K", 1024],
  ["M", 1024 * 1024],
]);

/** Bytes; "0x1000", "4096", "4K" or "1M". */
export function byteCount(text: string): number {
  checkClear(text);
  const match = /^(0x[0-9a-f]{1,8}|\d{1,10})([KM]?)$/i.exec(text);
  const [, digits = "NaN", unit = ""] = match ?? [];
  const value = Number(digits) * (BYTES.get(unit.toUpperCase()) ?? Number.NaN);
  if (!(value > 0 && value <= 0xffff_ffff))
    throw new InvalidArgumentError(
      "Expected a number of bytes above 0, like 4096, 0x1000, 16K or 1M.",
    );
  return value;
}

export const wholeNumber =
  (least: number, most: number) =>
  (text: string): number => {
    const value = /^\d{1,15}$/.test(text) ? Number(text) : Number.NaN;
    if (!(value >= least && value <= most))
      throw new InvalidArgumentError(`Expected a whole number from ${least} to ${most}.`);
    return value;
  };

export function positive(text: string): number {
  const value = Number(text);
  if (!(value > 0 && value <= 1000))
    throw new InvalidArgumentError("Expected a number above 0, at most 1000.");
  return value;
}

/** For options that may be given several times. */
export const collect = (value: string, before: readonly string[]): readonly string[] => [
  ...before,
  value,
];

export interface UsbIds {
  readonly vendorId: number;
  readonly productId: number;
}

/** VID:PID in hexadecimal, as lsusb prints them. */
export function usbIds(text: string): UsbIds {
  const match = /^([0-9a-f]{4}):([0-9a-f]{4})$/i.exec(text);
  if (match === null) throw new InvalidArgumentError("Expected ids like 0483:df11.");
  const [, vendor = "", product = ""] = match;
  return { vendorId: Number.parseInt(vendor, 16), productId: Number.parseInt(product, 16) };
}

export interface UsbIpAddress {
  readonly host: string;
  readonly port: number;
  readonly busid?: string;
}

/** HOST:PORT[/BUSID]; an IPv6 host stands in brackets. */
export function usbIpAddress(text: string): UsbIpAddress {
  const match = /^(\[[0-9a-f:.]+\]|[^:/\s]+):(\d{1,5})(?:\/([\w.-]{1,31}))?$/i.exec(text);
  const [, host = "", digits = "", busid] = match ?? [];
  const port = Number(digits);
  if (match === null || port < 1 || port > 65_535)
    throw new InvalidArgumentError("Expected HOST:PORT or HOST:PORT/BUSID.");
  return { host: host.replace(/^\[|\]$/g, ""), port, ...(busid === undefined ? {} : { busid }) };
}

/** NAME=VALUE, several times; the engine knows which names and values there are. */
export function optionSetting(
  text: string,
  before: Readonly<Record<string, string>> = {},
): Readonly<Record<string, string>> {
  const match = /^(\w{1,40})=([\w.]{1,20})$/.exec(text);
  const [, name, value] = match ?? [];
  if (name === undefined || value === undefined)
    throw new InvalidArgumentError("Expected NAME=VALUE, like BOR_LEV=2.");
  return { ...before, [name]: value };
}
