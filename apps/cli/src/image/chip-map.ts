import {
  FAMILIES,
  type Part,
  parseMemoryLayout,
  partNamed,
  type Segment,
} from "@flashline/dfu-core";
import { unknownChip } from "../chip-name.ts";
import { Refusal } from "../refusal.ts";

export interface ChipSector {
  readonly address: number;
  readonly size: number;
  /** Bytes of it that the image covers. */
  readonly used: number;
}

export interface ChipMap {
  readonly chip: string;
  /** Bytes that are programmed at once. */
  readonly granule: number;
  readonly erasedValue: number;
  readonly sectors: readonly ChipSector[];
  /** Its data EEPROM; undefined where the class has none. */
  readonly eeprom: ChipSector | undefined;
  /** Bytes of the image that lie in neither. */
  readonly outside: number;
}

/** Which sectors of a chip class an image uses. Throws `usage.argument` for a chip that the part table lacks. */
export function chipMap(name: string, segments: readonly Segment[]): ChipMap {
  const part = partNamed(name);
  if (part === undefined) throw new Refusal("usage.argument", unknownChip(name));
  const { granule, erasedValue } = FAMILIES[part.family];
  const used = (sector: Sector): ChipSector => ({
    ...sector,
    used: covered(segments, sector.address, sector.address + sector.size),
  });
  const sectors = sectorsOf(largestLayout(part)).map(used);
  const place = part.eeprom === undefined ? undefined : wholeOf(part.eeprom);
  const eeprom = place && used(place);
  const all = segments.reduce((sum, { data }) => sum + data.length, 0);
  const inside = sectors.reduce((sum, sector) => sum + sector.used, eeprom?.used ?? 0);
  return { chip: part.name, granule, erasedValue, sectors, eeprom, outside: all - inside };
}

type Sector = Pick<ChipSector, "address" | "size">;

const sectorsOf = (layout: string): readonly Sector[] =>
  parseMemoryLayout(layout).zones.flatMap(({ sectors }) =>
    sectors.flatMap(({ address, count, size }) =>
      Array.from({ length: count }, (_, index) => ({ address: address + index * size, size })),
    ),
  );

/** Its sectors mean nothing to data EEPROM. */
function wholeOf(layout: string): Sector | undefined {
  const [first] = sectorsOf(layout);
  return first && { address: first.address, size: sizeOf(layout) };
}

const sizeOf = (layout: string): number =>
  sectorsOf(layout).reduce((sum, { size }) => sum + size, 0);

/** Of several, that of the class's largest member. */
const largestLayout = (part: Part): string =>
  part.layouts.reduce(
    (best, layout) => (sizeOf(layout) > sizeOf(best) ? layout : best),
    part.layouts[0] ?? "",
  );

const covered = (segments: readonly Segment[], from: number, to: number): number =>
  segments.reduce(
    (sum, { address, data }) =>
      sum + Math.max(0, Math.min(to, address + data.length) - Math.max(from, address)),
    0,
  );
