import { DfuError } from "../errors.ts";
import type { LayoutSectors, LayoutZone, MemoryLayout } from "./layout.ts";

/** Blank, "B", a dot (U0's ROM) and none at all stand for bytes. */
const MULTIPLIERS: Readonly<Record<string, number>> = {
  K: 1024,
  M: 1024 * 1024,
};
/** Count, size, optional multiplier, access letter. */
const SECTORS = /^\s*(\d{1,9})\s*\*\s*(\d{1,9})\s*([ .BKM]?)\s*([a-gA-G]?)\s*$/;
const ADDRESS = /^\s*0x([0-9a-fA-F]{1,8})\s*$/;
const CUT = /,\s*$/;
const END_OF_MEMORY = 0x1_0000_0000;
/** Most characters that are read. A string descriptor has at most 126; clones are allowed more. */
const LONGEST = 1024;

/**
 * Reads a DfuSe layout string (UM0424 section 10.3.2; ROMs and clones depart from it in blanks, zero padding and the
 * multiplier, which may be missing or B). A comma with nothing behind it is the end of a string that the ROM cut short
 * (F42x); what came before it counts. A run of 0 sectors is skipped: real boards list one (external flash,
 * "…,128*8Kg,0*8Ka"). A zone with nothing else describes nothing. Throws `device.layout` for every other string, and no other
 * error.
 */
export function parseMemoryLayout(text: string): MemoryLayout {
  const refuse = (why: string): never => {
    throw new DfuError(
      "device.layout",
      `layout string ${JSON.stringify(text.slice(0, 160))}: ${why}`,
    );
  };
  if (text.length > LONGEST) refuse(`${text.length} characters, at most ${LONGEST} are read`);
  if (!text.startsWith("@")) refuse('does not begin with "@"');
  const [name = "", ...rest] = text.slice(1).split("/");
  if (rest.length === 0 || rest.length % 2 !== 0)
    refuse("expected /address/sectors after the name");
  const zones: LayoutZone[] = [];
  for (let index = 0; index < rest.length; index += 2) {
    const [place = "", description = ""] = rest.slice(index, index + 2);
    const address = ADDRESS.exec(place)?.[1];
    if (address === undefined) return refuse(`"${place}" is no address`);
    const start = Number.parseInt(address, 16);
    const sectors = parseSectors(description, start, name, refuse);
    zones.push({ address: start, sectors });
  }
  return { name: name.trim(), zones };
}

function parseSectors(
  text: string,
  start: number,
  name: string,
  refuse: (why: string) => never,
): readonly LayoutSectors[] {
  let address = start;
  const sectors = text
    .replace(CUT, "")
    .split(",")
    .flatMap((part) => {
      const match = SECTORS.exec(part);
      if (match === null) return refuse(`"${part}" is no sector description`);
      const [, countText = "", sizeText = "", multiplier = "", letter = ""] = match;
      const count = Number(countText);
      const size = Number(sizeText) * (MULTIPLIERS[multiplier] ?? 1);
      if (size === 0) return refuse(`"${part}" describes nothing`);
      // The quirk "missing-access-letter".
      const access = letter === "" && /feature/i.test(name) ? "e" : letter.toLowerCase();
      if (access === "") return refuse(`"${part}" has no access letter`);
      const end = address + count * size;
      if (count === 0) return [];
      if (end > END_OF_MEMORY) return refuse(`"${part}" reaches beyond 4 GiB`);
      const bits = access.charCodeAt(0) & 7;
      const run = {
        address,
        count,
        size,
        readable: (bits & 1) !== 0,
        erasable: (bits & 2) !== 0,
        writable: (bits & 4) !== 0,
      };
      address = end;
      return [run];
    });
  return sectors.length === 0 ? refuse(`"${text}" describes nothing`) : sectors;
}

/** The string in ST's usual form; parsing it gives an equal layout. */
export function formatMemoryLayout(layout: MemoryLayout): string {
  const sectors = (part: LayoutSectors) => {
    const [size, multiplier] =
      part.size % MULTIPLIER_M === 0 && part.size >= MULTIPLIER_M
        ? [part.size / MULTIPLIER_M, "M"]
        : part.size % 1024 === 0
          ? [part.size / 1024, "K"]
          : [part.size, " "];
    const bits = (part.readable ? 1 : 0) | (part.erasable ? 2 : 0) | (part.writable ? 4 : 0);
    const letter = String.fromCharCode(0x60 | bits);
    return `${String(part.count).padStart(2, "0")}*${String(size).padStart(3, "0")}${multiplier}${letter}`;
  };
  const zones = layout.zones.map(
    (zone) =>
      `/0x${zone.address.toString(16).toUpperCase().padStart(8, "0")}/${zone.sectors.map(sectors).join(",")}`,
  );
  return `@${layout.name}  ${zones.join("")}`;
}

const MULTIPLIER_M = 1024 * 1024;
