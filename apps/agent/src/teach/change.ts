import { FlashlineError, MOST_NESTS, type NestChange, normaliseSerial } from "@flashline/contract";
import { type AttachedUnit, portPlaceOf } from "@flashline/usb-host";
import type { TaughtNest } from "./taught-nests.ts";

export interface Changed {
  readonly nests: readonly TaughtNest[];
  /** The nest that has another name now. */
  readonly renamed?: { readonly name: string; readonly was: string };
}

/** Units in bootloader mode on ports that no nest has: with these nests are taught. */
export const freeUnits = (
  nests: readonly TaughtNest[],
  units: readonly AttachedUnit[],
): readonly AttachedUnit[] =>
  units.filter(
    ({ portPath, runTime }) =>
      runTime !== true && !nests.some((nest) => nest.portPath === portPath),
  );

/** What a nest's barcode says. */
const barcodeOf = (name: string): string => normaliseSerial(name);

/**
 * The nests after a change. `units` are attached now.
 * @throws FlashlineError `nest.name_taken`, `nest.too_many`, `nest.port_empty`, `preflight.nest_unknown`.
 */
export function changedNests(
  nests: readonly TaughtNest[],
  change: NestChange,
  units: readonly AttachedUnit[],
): Changed {
  switch (change.change) {
    case "teach":
      return taught(nests, change, units);
    case "rename": {
      const { name, to } = change;
      const nest = named(nests, name);
      if (nests.some((other) => other !== nest && barcodeOf(other.name) === barcodeOf(to))) {
        throw new FlashlineError("nest.name_taken", `There is a nest ${to}.`);
      }
      return {
        nests: sorted(nests.map((other) => (other === nest ? { ...nest, name: to } : other))),
        ...(to === name ? {} : { renamed: { name: to, was: name } }),
      };
    }
    case "remove": {
      const nest = named(nests, change.name);
      return { nests: nests.filter((other) => other !== nest) };
    }
  }
}

function taught(
  nests: readonly TaughtNest[],
  { name, portPath, moves }: Extract<NestChange, { change: "teach" }>,
  units: readonly AttachedUnit[],
): Changed {
  const before = nests.find((nest) => barcodeOf(nest.name) === barcodeOf(name));
  // A nest's own port is taught again where it was known by its name alone.
  const free = freeUnits(
    nests.filter((nest) => nest !== before),
    units,
  );
  const unit = free.find((one) => one.portPath === portPath);
  if (unit === undefined) {
    throw new FlashlineError("nest.port_empty", `Port ${portPath} has no unit without a nest.`);
  }
  if (before !== undefined && !(moves && before.name === name)) {
    throw new FlashlineError("nest.name_taken", `There is a nest ${before.name}.`);
  }
  const others = nests.filter((nest) => nest !== before);
  if (others.length >= MOST_NESTS) throw new FlashlineError("nest.too_many");
  return { nests: sorted([...others, { name, portPath, place: portPlaceOf(unit) ?? null }]) };
}

function named(nests: readonly TaughtNest[], name: string): TaughtNest {
  const nest = nests.find((one) => one.name === name);
  if (nest === undefined) throw new FlashlineError("preflight.nest_unknown", `No nest ${name}.`);
  return nest;
}

/** 2 before 10. */
const sorted = (nests: readonly TaughtNest[]): readonly TaughtNest[] =>
  nests.toSorted((a, b) => a.name.localeCompare(b.name, "en", { numeric: true }));
