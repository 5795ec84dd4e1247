import { LinkError } from "@flashline/dfu-core/protocol";
import { type AttachedUnit, kernelUnits, type UnitSource, usbIpUnits } from "@flashline/usb-host";
import { ExitCode } from "../exit.ts";
import { Refusal } from "../refusal.ts";
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

export async function attachedUnits(source: UnitSource): Promise<readonly AttachedUnit[]> {
  try {
    return await source.list();
  } catch (error) {
    if (!(error instanceof LinkError)) throw error;
    throw new Refusal("device.not_found", error.message, { cause: error, exit: ExitCode.NoUnit });
  }
}

const indented = (units: readonly AttachedUnit[]): string =>
  unitTable(units).trimEnd().replace(/^/gm, "  ");

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
    throw new Refusal("device.not_found", `There is no unit in bootloader mode${where}.`, {
      exit,
      hint: units.length === 0 ? "" : `Attached:\n${indented(units)}`,
    });
  }
  throw new Refusal("device.several", `${candidates.length} units are attached; name one.`, {
    exit,
    hint: `Add --path with one of these:\n${indented(candidates)}`,
    units: candidates.map((unit) => unit.portPath),
  });
}
