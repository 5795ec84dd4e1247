import type { LinePc } from "../setup/place.ts";

/** The line PC whose controller leaves the bootloader no time between packets. */
export const BAD_PC = "L1-03";

/** A packet in so many is missed; healthy controllers miss some too. */
const RARE = 0.000_004;
const OFTEN = 0.0004;
/** More than on real hosts, so that a short story shows it in the yields. */
const FATAL_SHARE = 0.4;
const NESTS = 2;

const HUB = "05e3:0610,multi";
const pc = (
  name: string,
  controller: string,
  loss = RARE,
  hubs: readonly string[] = [],
): LinePc => ({
  name,
  machine: name,
  controller,
  hubs,
  loss,
  nests: NESTS,
});

/** Six line PCs: three controller models, one defect. */
export const STORY_LINE: readonly LinePc[] = [
  pc("L1-01", "8086:a36d"),
  pc("L1-02", "1022:15b8", RARE, [HUB]),
  { ...pc(BAD_PC, "1022:15b8", OFTEN), fatalShare: FATAL_SHARE },
  pc("L1-04", "8086:a36d"),
  pc("L1-05", "1b21:3042"),
  pc("L1-06", "8086:a36d"),
];

/**
 * The bad PC with a hub in between. That the hub cures it is how this virtual controller is made, not a finding: whether one helps on a real controller is
 * what the product measures.
 */
export const repairedPc = (bad: LinePc): LinePc => ({ ...bad, hubs: [HUB] });
