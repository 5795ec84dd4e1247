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
  /**
   * When a higher RDP level takes effect: with the reset after the write (F1, F3: PM0075 and RM0313, "loaded after a system
   * reset"; F2, F4, F7, H7: once programmed), or only when the option loader runs, at power-on or by OBL_LAUNCH (F0: RM0360 section
   * 4, "not loaded after a system reset"; L0: RM0367 section 3.8.2; L4+: RM0432 section 3.5.1; G0: RM0444 section 3.4.2; C0, G4, L4,
   * L1 as their relatives; L5, WB, U5, H5 unchecked). No document says whether a ROM sets OBL_LAUNCH (ST's open bootloader
   * does, and an L496 was seen to need the power cycle all the same), so here it does not.
   */
  readonly rdpLoaded: "reset" | "power-on";
}

const plain: OptionRules = {
  rdpAt: 0,
  open: 0xaa,
  complemented: undefined,
  pairs: [],
  readableProtected: false,
  rdpLoaded: "power-on",
};
const f0: OptionRules = { ...plain, complemented: 1 };
const f3: OptionRules = { ...f0, rdpLoaded: "reset" };
const f4: OptionRules = { ...plain, rdpAt: 1, rdpLoaded: "reset" };
const l0: OptionRules = { ...plain, complemented: 2 };
const l4: OptionRules = { ...plain, complemented: 4 };
const h7: OptionRules = { ...f4, pairs: [0x00, 0x0c, 0x14, 0x1c, 0x24] };

const RULES: Readonly<Record<FamilyName, OptionRules>> = {
  F0: f0,
  F1: { ...f3, open: 0xa5 },
  F2: f4,
  F3: f3,
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
