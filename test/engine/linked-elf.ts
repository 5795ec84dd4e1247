import fc from "fast-check";

/** Which linker, and what becomes of the ELF file's own headers. */
export interface Layout {
  readonly linker: "ld" | "lld";
  /**
   * `default`: the linker makes the segments. `first`: one PT_LOAD holds the headers and the first sections, from file offset 0.
   * `own`: the headers have a PT_LOAD of their own. `apart`: no segment holds them.
   */
  readonly headers: "default" | "first" | "own" | "apart";
  /** Sections and file offsets are not aligned to pages. */
  readonly nmagic: boolean;
  /** A PT_LOAD without sections. */
  readonly emptySegment: boolean;
  readonly stripped: boolean;
  /** Where the application begins. */
  readonly base: number;
  readonly seed: number;
  readonly sections: readonly LinkedSection[];
}

interface LinkedSection {
  /**
   * `data` is stored in flash and runs in RAM; `bss` has no content in RAM; `noload` has none in flash, between what has;
   * `padded` has a hole inside; `far` begins the next memory.
   */
  readonly kind: "code" | "data" | "bss" | "noload" | "padded" | "far" | "empty";
  /** Bytes of content. */
  readonly size: number;
  /** Bytes left free before it. */
  readonly gap: number;
}

/** Flash behind a hole, an external flash and CCM. */
const FURTHER = [0x0804_0000, 0x0810_0000, 0x9000_0000, 0x1000_0000];
const RAM = 0x2000_0000;
const MOST_CONTENT = 700;

const section: fc.Arbitrary<LinkedSection> = fc.record({
  kind: fc.constantFrom("code", "data", "bss", "noload", "padded", "far", "empty"),
  size: fc.integer({ min: 1, max: MOST_CONTENT }),
  gap: fc.oneof(fc.constant(0), fc.integer({ min: 1, max: 600 })),
});

export const layouts: fc.Arbitrary<Layout> = fc.record({
  linker: fc.constantFrom("ld", "lld"),
  headers: fc.constantFrom("default", "first", "own", "apart"),
  nmagic: fc.boolean(),
  emptySegment: fc.boolean(),
  stripped: fc.boolean(),
  base: fc.constantFrom(0x0800_0000, 0x0800_0200, 0x0800_4000, 0x0800_8000, 0x0801_0000),
  seed: fc.nat(255),
  sections: fc.array(section, { maxLength: 8 }),
});

interface Placed extends LinkedSection {
  readonly name: string;
  /** Where it is stored, and where it runs. */
  readonly load: number;
  readonly run: number;
  readonly segment: string;
}

const align = (address: number): number => (address + 3) & ~3;
const hex = (value: number): string => `0x${(value >>> 0).toString(16)}`;
const isNobits = ({ kind }: LinkedSection): boolean => kind === "bss" || kind === "noload";

/** Places sections one behind the other; a new segment begins where the distance between storing and running changes. */
function place({ base, sections }: Layout): readonly Placed[] {
  const first: LinkedSection = { kind: "code", size: 64, gap: 0 };
  let load = base;
  let ram = RAM;
  let further = 0;
  let segments = 0;
  let before: string | undefined;
  const placed: Placed[] = [];
  for (const [index, one] of [first, ...sections].entries()) {
    const next = FURTHER[further];
    if (one.kind === "far" && next === undefined) continue;
    if (one.kind === "far") {
      load = next ?? 0;
      further += 1;
    }
    const inRam = one.kind === "data" || one.kind === "bss";
    if (one.kind !== "bss") load = align(load + one.gap);
    const kind = `${inRam} ${one.kind === "bss"} ${further}`;
    if (kind !== before) segments += 1;
    before = kind;
    const name = `.s${index}`;
    placed.push({ ...one, name, load, run: inRam ? ram : load, segment: `p${segments}` });
    const length = align(one.size + (one.kind === "padded" ? 16 : 0));
    if (one.kind !== "bss") load += length;
    if (inRam) ram += length;
  }
  return placed;
}

/** The program's source; each section's content is cut from `content.bin`. */
export function sourceOf(layout: Layout): string {
  const lines = place(layout).map((one) => {
    const { kind, name, size } = one;
    if (kind === "empty") return `.section ${name}, "a", %progbits`;
    if (isNobits(one)) return `.section ${name}, "aw", %nobits\n.space ${size}`;
    return `.section ${name}, "${kind === "data" ? "aw" : "a"}", %progbits\n.incbin "content.bin", 0, ${size}`;
  });
  return `.text\n.global reset\n${lines.join("\n")}\n.section .s0\nreset:\n`;
}

export function scriptOf(layout: Layout): string {
  const { headers, emptySegment } = layout;
  const placed = place(layout);
  const explicit = headers !== "default";
  const segments = [...new Set(placed.map(({ segment }) => segment))];
  const program = segments.map((name, index) => {
    const holds = headers === "first" && index === 0 ? " FILEHDR PHDRS" : "";
    return `${name} PT_LOAD${holds};`;
  });
  const table = [
    ...(headers === "own" ? ["own PT_LOAD FILEHDR PHDRS;"] : []),
    ...program,
    ...(emptySegment ? ["unused PT_LOAD;"] : []),
  ];
  const sections = placed.map((one) => {
    const { name, run, load, kind, segment } = one;
    const hole = kind === "padded" ? " . += 13; BYTE(0x5a) " : "";
    const type = isNobits(one) ? " (NOLOAD)" : "";
    const at = ` AT(${hex(kind === "bss" ? run : load)})`;
    return `  ${name} ${hex(run)}${type} :${at} { *(${name})${hole} }${explicit ? ` :${segment}` : ""}`;
  });
  return [
    "ENTRY(reset)",
    ...(explicit ? [`PHDRS { ${table.join(" ")} }`] : []),
    `SECTIONS {\n${sections.join("\n")}\n  /DISCARD/ : { *(.ARM.attributes) *(.text) *(.data) *(.bss) }\n}`,
  ].join("\n");
}

export const contentOf = ({ seed }: Layout): Uint8Array =>
  Uint8Array.from({ length: MOST_CONTENT }, (_, at) => (at * 31 + (at >> 5) + seed) & 0xff);

/** The linker's command, without input and output. */
export const linkerOf = ({ linker, nmagic, stripped }: Layout): readonly string[] => [
  linker === "ld" ? "arm-none-eabi-ld" : "ld.lld",
  ...(nmagic ? ["-n"] : []),
  ...(stripped ? ["-s"] : []),
];
