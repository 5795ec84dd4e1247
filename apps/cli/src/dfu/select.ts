import { LinkError, ST_DFU_PRODUCT_ID, ST_VENDOR_ID } from "@flashline/dfu-core/protocol";
import { type AttachedUnit, kernelUnits, type UnitSource, usbIpUnits } from "@flashline/usb-host";
import { ExitCode } from "../exit.ts";
import { Refusal } from "../refusal.ts";
import { systemErrorReason } from "../system-error.ts";
import { hex16 } from "../terminal/units.ts";
import { unitTable } from "./describe.ts";
import type { SourceOptions } from "./options.ts";

/** This PC's ports, or one USB/IP server; never both. */
export function unitSource(options: SourceOptions): UnitSource {
  const { usbip, device } = options;
  const match = device === undefined ? {} : { match: device };
  return usbip === undefined
    ? kernelUnits(match)
    : usbIpUnits({ host: usbip.host, port: usbip.port, ...match });
}

export interface Selector extends SourceOptions {
  readonly path?: string;
  readonly serial?: string;
}

/** Every unit of the source. Throws a Refusal where a USB/IP server is not there. */
export async function attachedUnits(
  source: UnitSource,
  { usbip }: SourceOptions,
): Promise<readonly AttachedUnit[]> {
  try {
    return await source.list();
  } catch (error) {
    if (!(error instanceof LinkError)) throw error;
    const options = { cause: error, exit: ExitCode.NoUnit };
    if (usbip === undefined) throw new Refusal("device.not_found", error.message, options);
    const reason = systemErrorReason(error.cause) ?? error.message;
    throw new Refusal(
      "device.not_found",
      `There is no USB/IP server at ${usbip.host}:${usbip.port}: ${reason}.`,
      { ...options, hint: 'Check --usbip; "flashline sim" is such a server.' },
    );
  }
}

/**
 * Says which DFU devices with other ids are attached, and how to name one: a product's own bootloader has its own. Empty where no such
 * device is attached, and where devices cannot be listed.
 */
async function otherIds({ usbip, device }: SourceOptions): Promise<string> {
  const any = { match: "any" } as const;
  const source =
    usbip === undefined
      ? kernelUnits(any)
      : usbIpUnits({ host: usbip.host, port: usbip.port, ...any });
  try {
    const wanted = device ?? { vendorId: ST_VENDOR_ID, productId: ST_DFU_PRODUCT_ID };
    const others = (await source.list()).filter(
      ({ vendorId, productId }) => vendorId !== wanted.vendorId || productId !== wanted.productId,
    );
    const [first] = others;
    if (first === undefined) return "";
    const ids = `${hex16(first.vendorId)}:${hex16(first.productId)}`;
    return `DFU devices with other ids are attached:\n${indented(others)}\nName one with --device ${ids}.`;
  } catch (error) {
    if (!(error instanceof LinkError)) throw error;
    return "";
  } finally {
    await source.close();
  }
}

/** What to do when no unit is attached. */
export function howToAttach({ usbip, device }: SourceOptions): string {
  if (usbip !== undefined) return `The USB/IP server at ${usbip.host}:${usbip.port} has none.`;
  return device === undefined
    ? "Set its boot pins (BOOT0 high), then plug it in or reset it."
    : "Plug it in, and bring it into its bootloader as the product does it.";
}

/** {@link otherIds}, or {@link howToAttach} where no other device is there either. */
export async function howToFind(options: SourceOptions): Promise<string> {
  const others = await otherIds(options);
  return others === "" ? howToAttach(options) : others;
}

/** "unit in bootloader mode", or by the ids that were asked for. */
export const wantedKind = ({ device }: SourceOptions): string =>
  device === undefined
    ? "unit in bootloader mode"
    : `DFU device with the ids ${hex16(device.vendorId)}:${hex16(device.productId)}`;

const indented = (units: readonly AttachedUnit[]): string =>
  unitTable(units).trimEnd().replace(/^/gm, "  ");

/** A refusal because no unit is there, with the other DFU devices that are; any other error as it is. */
export async function namingOthers(error: unknown, options: SourceOptions): Promise<unknown> {
  if (!(error instanceof Refusal) || error.hint !== howToAttach(options)) return error;
  const { code, message, exit } = error;
  return new Refusal(code, message, { exit, hint: await howToFind(options), cause: error });
}

/** The one unit that is meant. Several candidates are never decided by guessing. */
export function selectUnit(units: readonly AttachedUnit[], selector: Selector): AttachedUnit {
  const wanted = [selector.path, selector.usbip?.busid].filter((path) => path !== undefined);
  const candidates = units.filter(
    (unit) =>
      wanted.every((path) => unit.portPath === path) &&
      (selector.serial === undefined || unit.serial === selector.serial),
  );
  const [first] = candidates;
  if (first !== undefined && candidates.length === 1) return first;
  const exit = ExitCode.NoUnit;
  if (first === undefined) {
    const asked = [...wanted, ...(selector.serial === undefined ? [] : [selector.serial])];
    const where = asked.length === 0 ? "" : ` that answers to ${asked.join(" and ")}`;
    throw new Refusal("device.not_found", `There is no ${wantedKind(selector)}${where}.`, {
      exit,
      hint: units.length === 0 ? howToAttach(selector) : `Attached:\n${indented(units)}`,
    });
  }
  throw new Refusal("device.several", `${candidates.length} units are attached; name one.`, {
    exit,
    hint: `Add --path with one of these:\n${indented(candidates)}`,
    units: candidates.map((unit) => unit.portPath),
  });
}
