import type { FamilyName } from "../parts/index.ts";

/** How a family's option bytes are built, as its bootloader shows them. The device's own table: no host's is used here. */
export interface OptionRules {
  /** Offset of the RDP byte. */
  readonly rdpAt: number;
  readonly open: number;
  /** Bytes of a unit that is followed by its complement; undefined where no complement shows. */
  readonly complemented: 1 | 2 | 4 | undefined;
  /** Offsets of words that show the current value; the word behind each is what a write programs. */
  readonly pairs: readonly number[];
  /** Read by the bootloader at level 1 too. */
  readonly readableProtected: boolean;
}

const plain: OptionRules = {
  rdpAt: 0,
  open: 0xaa,
  complemented: undefined,
  pairs: [],
  readableProtected: false,
};
const f0: OptionRules = { ...plain, complemented: 1 };
const f4: OptionRules = { ...plain, rdpAt: 1 };
const l0: OptionRules = { ...plain, complemented: 2 };
const l4: OptionRules = { ...plain, complemented: 4 };
const h7: OptionRules = { ...plain, rdpAt: 1, pairs: [0x00, 0x0c, 0x14, 0x1c, 0x24] };

const RULES: Readonly<Record<FamilyName, OptionRules>> = {
  F0: f0,
  F1: { ...f0, open: 0xa5 },
  F2: f4,
  F3: f0,
  F4: f4,
  F7: f4,
  L0: l0,
  L1: l0,
  L4: l4,
  L5: plain,
  G0: l4,
  C0: l4,
  G4: l4,
  WB: l4,
  H5: plain,
  U5: { ...plain, readableProtected: true },
  H7: h7,
  H7A3: { ...h7, pairs: [0x00] },
};

export const optionRules = (family: FamilyName): OptionRules => RULES[family];
