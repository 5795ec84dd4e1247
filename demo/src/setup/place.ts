/** A line PC of the demo: what stands between its units and it. */
export interface LinePc {
  /** Also the name of its station. */
  readonly name: string;
  readonly machine: string;
  /** PCI vendor and device of its USB controller. */
  readonly controller: string;
  /** Hubs in between, "05e3:0610,multi". */
  readonly hubs: readonly string[];
  /** Probability that the controller misses a packet. */
  readonly loss: number;
  /** Of units that lose the link, how many hang for good. */
  readonly fatalShare?: number;
  readonly nests: number;
}

/** Good controllers lose a packet now and then too; nothing is without incidents. */
const RARE = 0.000_004;
/** Sixty to a hundred times more: some units pass only after recovery, few fail. */
const OFTEN = 0.0004;

/** Four line PCs; one has a controller that leaves the bootloader no time between packets. */
export const SHIFT_LINE: readonly LinePc[] = [
  { name: "L1-01", machine: "L1-01", controller: "8086:a36d", hubs: [], loss: RARE, nests: 3 },
  {
    name: "L1-02",
    machine: "L1-02",
    controller: "1022:15b8",
    hubs: ["05e3:0610,multi"],
    loss: RARE,
    nests: 3,
  },
  {
    name: "L1-03",
    machine: "L1-03",
    controller: "1022:15b8",
    hubs: [],
    loss: OFTEN,
    nests: 3,
  },
  { name: "L1-04", machine: "L1-04", controller: "8086:a36d", hubs: [], loss: RARE, nests: 3 },
];

/** Two line PCs without a defect: what goes wrong in a scripted shift is on the units, and planned. */
export function scriptedLine(units: number): readonly LinePc[] {
  const nests = Math.min(4, Math.ceil(units / 2));
  return [
    { name: "L1-01", machine: "L1-01", controller: "8086:a36d", hubs: [], loss: 0, nests },
    {
      name: "L1-02",
      machine: "L1-02",
      controller: "1022:15b8",
      hubs: ["05e3:0610,multi"],
      loss: 0,
      nests,
    },
  ];
}
