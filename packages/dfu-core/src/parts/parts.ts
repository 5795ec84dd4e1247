import type { FamilyName, Part } from "./part.ts";

/** "DFU in FS Mode" ROMs. */
const NEW_ROMS: ReadonlySet<FamilyName> = new Set([
  "G0",
  "G4",
  "H7",
  "H7A3",
  "L5",
  "U5",
  "WB",
  "H5",
  "C0",
  "U0",
]);

const part = (
  family: FamilyName,
  aliases: string,
  layouts: readonly string[],
  optionBytes?: Part["optionBytes"],
  eeprom?: string,
): Part => {
  const names = aliases.split(" ");
  const transferSize = NEW_ROMS.has(family) ? 1024 : 2048;
  const name = `STM32${names[0] ?? family}`;
  return {
    name,
    aliases: names,
    family,
    layouts,
    optionBytes,
    transferSize,
    ...(eeprom === undefined ? {} : { eeprom }),
  };
};

/**
 * Classes that a ROM's strings can tell apart, by internal flash layout and by where the option bytes are. Several
 * products show the same strings; then one class stands for all of them. Strings as published by users and in device logs.
 */
export const PARTS: readonly Part[] = [
  part("F1", "F107 F105", ["@Internal Flash  /0x08000000/128*002Kg"], 0x1ffff800),
  part("F0", "F042 F048", ["@Internal Flash  /0x08000000/032*0001Kg"], 0x1ffff800),
  part("F0", "F072 F070 F078", ["@Internal Flash  /0x08000000/064*0002Kg"], 0x1ffff800),
  part("F3", "F303 F302 F373", ["@Internal Flash  /0x08000000/128*0002Kg"], 0x1ffff800),
  part(
    "F4",
    "F407 F405 F415 F417",
    ["@Internal Flash  /0x08000000/04*016Kg,01*064Kg,07*128Kg"],
    0x1fffc000,
  ),
  part(
    "F4",
    "F446 F401 F411",
    ["@Internal Flash  /0x08000000/04*016Kg,01*064Kg,03*128Kg"],
    0x1fffc000,
  ),
  part(
    "F4",
    "F413 F423 F412",
    ["@Internal Flash  /0x08000000/04*016Kg,01*064Kg,11*128Kg"],
    0x1fffc000,
  ),
  part(
    "F4",
    "F429 F427 F437 F439 F469 F479",
    ["@Internal Flash /0x08000000/04*016Kg,01*064Kg,07*128Kg,04*016Kg,01*064Kg,07*128Kg"],
    0x1fffc000,
  ),
  part(
    "F7",
    "F722 F723 F732 F733",
    ["@Internal Flash  /0x08000000/04*016Kg,01*64Kg,03*128Kg"],
    0x1fff0000,
  ),
  part(
    "F7",
    "F746 F745 F756",
    ["@Internal Flash  /0x08000000/04*032Kg,01*128Kg,03*256Kg"],
    0x1fff0000,
  ),
  part(
    "F7",
    "F767 F765 F769 F777 F779",
    ["@Internal Flash  /0x08000000/04*032Kg,01*128Kg,07*256Kg"],
    0x1fff0000,
  ),
  part(
    "L0",
    "L072 L073 L082 L083",
    ["@Internal Flash  /0x08000000/1536*128g"],
    0x1ff80000,
    "@DATA Memory /0x08080000/2*3Ke",
  ),
  part(
    "L1",
    "L151 L152 L162",
    ["@Internal Flash  /0x08000000/1024*256 g"],
    0x1ff80000,
    "@DATA Memory /0x08080000/02*004Ke",
  ),
  part(
    "L4",
    "L476 L475 L471 L485 L486 L496 L4A6",
    [
      "@Internal Flash  /0x08000000/0256*0002Kg",
      "@Internal Flash  /0x08000000/0512*0002Kg",
      "@Internal Flash  /0x08000000/0128*0002Kg",
    ],
    0x1fff7800,
  ),
  part(
    "L4",
    "L433 L431 L432 L442 L443 L451 L452 L462",
    ["@Internal Flash  /0x08000000/0256*0002Kg", "@Internal Flash  /0x08000000/0128*0002Kg"],
    0x1fff7800,
  ),
  part(
    "L4",
    "L4R5 L4R7 L4R9 L4S5 L4S7 L4S9",
    ["@Internal Flash  /0x08000000/512*0004Kg"],
    0x1ff00000,
  ),
  part("G4", "G474 G471 G473 G483 G484", ["@Internal Flash   /0x08000000/256*02Kg"], 0x1fff7800),
  // Its own strings are not published. These are the ones of the other G4 with 512 KiB.
  part("G4", "G491 G4A1", ["@Internal Flash   /0x08000000/256*02Kg"], 0x1fff7800),
  part("G4", "G431 G441", ["@Internal Flash   /0x08000000/64*02Kg"], 0x1fff7800),
  part("G0", "G071 G081", ["@Internal Flash   /0x08000000/64*02Kg"], 0x1fff7800),
  part("G0", "G0B1 G0C1 G0B0", [
    "@Internal Flash /0x08000000/256*02Kg",
    "@Internal Flash   /0x08000000/64*02Kg",
  ]),
  part(
    "H7",
    "H743 H742 H745 H747 H753 H755 H757",
    ["@Internal Flash   /0x08000000/16*128Kg"],
    0x5200201c,
  ),
  part("H7", "H723 H725 H733 H735", ["@Internal Flash   /0x08000000/8*128Kg"], 0x5200201c),
  part("H7", "H750 H730", ["@Internal Flash   /0x08000000/01*128Kg"], 0x5200201c),
  part("H7A3", "H7A3 H7B0 H7B3", ["@Internal Flash   /0x08000000/256*08Kg"], 0x5200201c),
  part("L5", "L552 L562", ["@Internal Flash   /0x08000000/256*02Kg"], 0x40022040),
  part(
    "U5",
    "U575 U585",
    ["@Internal Flash   /0x08000000/256*08Kg", "@Internal Flash   /0x08000000/128*08Kg"],
    0x40022040,
  ),
  part("U5", "U5A5 U595 U599 U5A9", ["@Internal Flash   /0x08000000/512*08Kg"], 0x40022040),
  part("H5", "H563 H562 H573", ["@Internal Flash   /0x08000000/256*08Kg"], "unpublished"),
  // wTransferSize is not published. This is the one of the other new ROMs.
  part("U0", "U083 U073", ["@Internal Flash    /0x08000000/128*02Kg"], 0x40022020),
  part("WB", "WB55 WB5M", ["@Internal Flash   /0x08000000/256*04Kg"], 0x1fff8000),
];
