import { hex32, plural, sizeText, table } from "../terminal/units.ts";
import type { ChipMap, ChipSector } from "./chip-map.ts";

const WIDTH = 16;

/** Sectors in a row that look alike: one line. */
interface Group {
  readonly first: ChipSector;
  readonly count: number;
}

const share = ({ used, size }: ChipSector): "all" | "none" | "part" =>
  used === size ? "all" : used === 0 ? "none" : "part";

/** Each sector of the chip, whether the image uses it, and how much; sectors that look alike are one line. */
export function chipPicture(map: ChipMap): string {
  const { chip, granule, erasedValue, sectors, eeprom, outside } = map;
  const used = sectors.filter(({ used: bytes }) => bytes > 0);
  const lost = used.reduce((sum, sector) => sum + sector.size - sector.used, 0);
  return [
    `${chip}: ${plural(used.length, "sector")} of ${sectors.length} used, granule ${plural(granule, "byte")}, erased 0x${erasedValue.toString(16).padStart(2, "0")}`,
    table(groups(sectors).map(line)).trimEnd(),
    ...(lost === 0 ? [] : [`Used sectors have ${sizeText(lost)} that the image does not cover.`]),
    ...(eeprom === undefined || eeprom.used === 0
      ? []
      : [
          `Data EEPROM, written by words and not erased, ${sizeText(eeprom.used)} of ${sizeText(eeprom.size)}:`,
          table([line({ first: eeprom, count: 1 })]).trimEnd(),
        ]),
    ...(outside === 0
      ? []
      : [
          `Note: ${sizeText(outside)} of the image lie outside the ${eeprom === undefined ? "flash" : "flash and data EEPROM"} of ${chip}.`,
        ]),
  ].join("\n");
}

function groups(sectors: readonly ChipSector[]): readonly Group[] {
  const found: Group[] = [];
  for (const sector of sectors) {
    const last = found.at(-1);
    const alike =
      last !== undefined &&
      last.first.size === sector.size &&
      share(last.first) === share(sector) &&
      share(sector) !== "part" &&
      last.first.address + last.count * sector.size === sector.address;
    if (alike) found[found.length - 1] = { first: last.first, count: last.count + 1 };
    else found.push({ first: sector, count: 1 });
  }
  return found;
}

function line({ first, count }: Group): readonly string[] {
  const { address, size, used } = first;
  const full = used === 0 ? 0 : Math.max(1, Math.floor((used / size) * WIDTH));
  const text = {
    all: "used",
    none: "not used",
    part: `partly used: ${sizeText(used)}, ${sizeText(size - used)} free`,
  }[share(first)];
  return [
    `  ${hex32(address)}`,
    count === 1 ? sizeText(size) : `${count} × ${sizeText(size)}`,
    `|${"█".repeat(full)}${"·".repeat(WIDTH - full)}|`,
    text,
  ];
}
