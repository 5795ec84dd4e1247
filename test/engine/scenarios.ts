// What may happen to a unit: any layout, family, content, profile and recipe, any faults, another unit in its place.
import { FAMILIES, PROFILE_NAMES, type Segment } from "@flashline/dfu-core";
import {
  CLEARERS,
  definePart,
  FAMILY_NAMES,
  type Fault,
  LIBRARY,
  type Part,
  ROM,
  type Trigger,
} from "@flashline/virtual-stm32";
import fc from "fast-check";

export const BASE = 0x08000000;
/** Families whose rules both sides know. */
export const COMMON = FAMILY_NAMES.filter((name) => Object.hasOwn(FAMILIES, name));

const trigger: fc.Arbitrary<Trigger> = fc.oneof(
  fc.integer({ min: 1, max: 60 }).map((n): Trigger => ({ kind: "nth", n })),
  fc
    .double({ min: 0.001, max: 0.08, noNaN: true })
    .map((p): Trigger => ({ kind: "probability", p })),
  { weight: 1, arbitrary: fc.constant<Trigger>({ kind: "always" }) },
);
const back = fc.option(fc.integer({ min: 10, max: 20_000 }), { nil: undefined });
/** Anything that may be wrong with a unit or its link. */
export const fault: fc.Arbitrary<Fault> = fc.oneof(
  fc.record({ kind: fc.constantFrom("stall", "lost-data", "lost-ack"), trigger }),
  fc.record({ kind: fc.constantFrom("lost-setup", "lost-status"), trigger }),
  fc.record(
    {
      kind: fc.constant("busy-wedge"),
      clearedBy: fc.constantFrom(...CLEARERS),
      trigger,
      longerThan: fc.constantFrom(8, 32),
      silent: fc.boolean(),
    },
    { requiredKeys: ["kind", "clearedBy", "trigger"] },
  ),
  fc.record({ kind: fc.constant("slow-busy"), factor: fc.integer({ min: 2, max: 5000 }), trigger }),
  fc.record({ kind: fc.constantFrom("silent-drop", "bit-flip"), trigger }),
  fc.record({ kind: fc.constantFrom("false-vendor", "false-target"), trigger }),
  fc.record({
    kind: fc.constant("write-protect"),
    sectors: fc.array(fc.integer({ min: 0, max: 4 }), { minLength: 1, maxLength: 3 }),
  }),
  fc.record({ kind: fc.constant("read-protect"), level: fc.constantFrom(1, 2) }),
  fc.record({
    kind: fc.constantFrom("unplug", "swap", "power-cut", "reboot"),
    afterBytes: fc.integer({ min: 0, max: 800 }),
    backAfterMs: back,
  }),
  fc.record({ kind: fc.constant("erase-cut"), trigger, backAfterMs: back }),
  fc.constant<Fault>({ kind: "bank2-early" }),
  fc.record({
    kind: fc.constant("stuck"),
    address: fc.integer({ min: BASE, max: BASE + 500 }),
    mask: fc.constantFrom(1, 0x80, 0xff),
    value: fc.constantFrom(0, 0xff),
  }),
);

/** Of 32 bytes several share a block. */
const smallSectors = fc.array(
  fc.tuple(fc.integer({ min: 1, max: 2 }), fc.constantFrom(32, 64, 128)),
  { minLength: 1, maxLength: 3 },
);

const part: fc.Arbitrary<Part> = fc
  .record({
    family: fc.constantFrom(...COMMON),
    sectors: smallSectors,
    transferSize: fc.constantFrom(32, 64, 128),
    earlyPoll: fc.constantFrom("busy", "stall", "block"),
    pollReport: fc.constantFrom("exact", "modulo256"),
    clrStatusOutsideError: fc.constantFrom("error", "stall"),
    start: fc.constantFrom("idle", "error-firmware"),
  })
  .map(({ family, sectors, transferSize, ...rom }) =>
    definePart({ family, sectors, transferSize, rom }),
  );

/** Sectors of a product's own bootloader come first; it shows them as read-only and its media code writes there all the same. */
const BOOTLOADER_SECTORS = 2;
const BOOTLOADER_BYTES = BOOTLOADER_SECTORS * 64;

const libraryPart: fc.Arbitrary<Part> = fc
  .record({
    family: fc.constantFrom(...COMMON),
    sectors: fc.array(fc.tuple(fc.integer({ min: 1, max: 2 }), fc.constantFrom(64, 128)), {
      minLength: 1,
      maxLength: 3,
    }),
    transferSize: fc.constantFrom(32, 64, 128),
    library: fc.constantFrom("acknowledges", "acknowledges", "hangs"),
    // Some list Read Unprotect, as a ROM does, and take what is no command all the same.
    commands: fc.constantFrom(LIBRARY.commands, LIBRARY.commands, ROM.commands),
  })
  .map(({ family, sectors, transferSize, library, commands }) => {
    const zones = sectors.map(([count, size]) => `${count}*${size} g`);
    return definePart({
      family,
      transferSize,
      sectors: [[BOOTLOADER_SECTORS, 64], ...sectors],
      alternates: [
        `@Internal Flash   /0x08000000/${[`${BOOTLOADER_SECTORS}*64 a`, ...zones].join(",")}`,
      ],
      usb: { product: "Motor drive DFU" },
      rom: { ...LIBRARY, library, commands, defaultPointer: BASE + BOOTLOADER_BYTES },
    });
  });

export const EEPROM_BASE = 0x08080000;
const EEPROM_BYTES = 96;

/** L0 and L1 with data EEPROM in two parts, as their ROMs show it. */
const eepromPart: fc.Arbitrary<Part> = fc
  .record({
    family: fc.constantFrom("L0" as const, "L1" as const),
    sectors: smallSectors,
    transferSize: fc.constantFrom(32, 64, 128),
    start: fc.constantFrom("idle", "error-firmware"),
  })
  .map(({ family, sectors, transferSize, start }) => {
    const part = definePart({ family, sectors, transferSize, rom: { start } });
    return {
      ...part,
      alternates: [...part.alternates, `@DATA Memory /0x08080000/2*${EEPROM_BYTES / 2} e`],
      extra: [{ kind: "data", base: EEPROM_BASE, size: EEPROM_BYTES }],
    };
  });

export const sizeOf = (of: Part): number =>
  of.flash.sectors.reduce((sum, [count, size]) => sum + count * size, 0);

/** Random, or repeating: content that is the same at several addresses hides a wrong pointer. */
const bytes = (max: number) =>
  fc.oneof(
    fc.uint8Array({ minLength: 1, maxLength: max }),
    fc
      .tuple(fc.integer({ min: 1, max }), fc.constantFrom(0x00, 0x41, 0x21, 0xff, 0x5a))
      .map(([length, value]) => new Uint8Array(length).fill(value)),
  );

/** Firmware that is, at every sixteenth address, a command to a sector: what a stale buffer would do with it. */
const commands = (size: number, offset: number) =>
  fc
    .tuple(
      fc.constantFrom(0x21, 0x41, 0x92),
      fc.integer({ min: 0, max: Math.max(0, Math.floor(size / 64) - 1) }),
      fc.integer({ min: 1, max: size - offset }),
    )
    .map(([code, sector, length]) => {
      const at = BASE + sector * 64;
      const command = [code, at & 0xff, (at >> 8) & 0xff, (at >> 16) & 0xff, at >>> 24];
      return Uint8Array.from(
        { length },
        (_, index) => command[(offset + index) % 16] ?? index & 0xff,
      );
    });

/** A link that acknowledges data and loses it: the unit's buffer keeps what it held. */
const losing: fc.Arbitrary<Fault> = fc.record({
  kind: fc.constant("lost-data"),
  trigger: fc
    .double({ min: 0.02, max: 0.3, noNaN: true })
    .map((p): Trigger => ({ kind: "probability", p })),
});

/** Two data stages lost near each other, as a SET_ADDRESS and the block after it are, with what else a bad link does meanwhile. */
const near: fc.Arbitrary<Fault[]> = fc
  .tuple(
    fc.integer({ min: 1, max: 60 }),
    fc.integer({ min: 1, max: 4 }),
    fc.option(
      fc.oneof(
        fc.record({
          kind: fc.constantFrom("stall", "lost-status", "lost-ack", "lost-data"),
          trigger,
        }),
        fc.record({
          kind: fc.constantFrom("unplug", "power-cut", "reboot"),
          afterBytes: fc.integer({ min: 0, max: 800 }),
          backAfterMs: fc.integer({ min: 10, max: 20_000 }),
        }),
      ),
      { nil: undefined, freq: 2 },
    ),
  )
  .map(([n, gap, other]) => [
    { kind: "lost-data", trigger: { kind: "nth", n } },
    // Each fault counts its own occasions, also those that the other one took.
    { kind: "lost-data", trigger: { kind: "nth", n: n + gap } },
    ...(other === undefined ? [] : [other]),
  ]);

/** An attempt that is cut off in mid-work, over a link that loses data: what it left half done is erased by commands that may be lost. */
const torn: fc.Arbitrary<Fault[]> = fc.tuple(
  fc.oneof(
    fc.record({
      kind: fc.constantFrom("power-cut", "reboot"),
      afterBytes: fc.integer({ min: 0, max: 400 }),
      backAfterMs: back,
    }),
    fc.record({
      kind: fc.constant("erase-cut"),
      trigger: fc.integer({ min: 1, max: 4 }).map((n): Trigger => ({ kind: "nth", n })),
      backAfterMs: back,
    }),
  ),
  losing,
);

const eepromStuck: fc.Arbitrary<Fault> = fc.record({
  kind: fc.constant("stuck"),
  address: fc.integer({ min: EEPROM_BASE, max: EEPROM_BASE + EEPROM_BYTES - 1 }),
  mask: fc.constantFrom(1, 0x80, 0xff),
  value: fc.constantFrom(0, 0xff),
});

const faultsOf = {
  any: fc.array(fault, { maxLength: 3 }),
  losing: losing.map((one): Fault[] => [one]),
  near,
  torn,
};

const eepromSegments: fc.Arbitrary<Segment[]> = fc.array(
  fc.integer({ min: 0, max: EEPROM_BYTES - 1 }).chain((offset) =>
    fc.oneof(bytes(EEPROM_BYTES - offset), commands(EEPROM_BYTES, offset)).map((data) => ({
      address: EEPROM_BASE + offset,
      data,
    })),
  ),
  { minLength: 1, maxLength: 3 },
);

const scenarioOf = (
  kind: keyof typeof faultsOf,
  parts: fc.Arbitrary<Part> = part,
  bootloader = 0,
  hasEeprom = false,
) =>
  parts.chain((of) => {
    const size = sizeOf(of);
    const offsets = fc.integer({ min: bootloader, max: size - 1 });
    const segment: fc.Arbitrary<Segment> = offsets.chain((offset) =>
      (kind === "any" ? bytes(size - offset) : commands(size, offset)).map((data) => ({
        address: BASE + offset,
        data,
      })),
    );
    return fc.record({
      part: fc.constant(of),
      /** Bytes from the base that belong to the bootloader itself. */
      bootloader: fc.constant(bootloader),
      segments: fc.array(segment, { minLength: hasEeprom ? 0 : 1, maxLength: 3 }),
      /** Of data EEPROM. */
      eeprom: hasEeprom ? eepromSegments : fc.constant<Segment[]>([]),
      before: fc.constantFrom("blank", "noise", "image", "image-but-one"),
      faults: hasEeprom
        ? fc
            .tuple(faultsOf[kind], fc.option(eepromStuck, { nil: undefined, freq: 12 }))
            .map(([faults, stuck]) => [...faults, ...(stuck === undefined ? [] : [stuck])])
        : faultsOf[kind],
      seed: fc.integer({ min: 1, max: 1_000_000 }),
      timing: fc.constantFrom("typical", "maximum", "none"),
      profile: fc.constantFrom(...PROFILE_NAMES),
      knownDirty: fc.constantFrom(false, false, false, true),
      remainder: fc.constantFrom("discard", "discard", "preserve", "refuse"),
      leave: fc.boolean(),
      powerCycleAtMs: fc.option(fc.integer({ min: 1, max: 5000 }), { nil: undefined, freq: 3 }),
      // Another unit with the same serial, which only its content gives away.
      otherAt: fc.oneof(
        { weight: 4, arbitrary: fc.constant(undefined) },
        fc.record({
          ms: fc.integer({ min: 1, max: 5000 }),
          holds: fc.constantFrom("blank", "same", "noise", "image"),
        }),
      ),
      powerSwitch: fc.boolean(),
      portStatus: fc.boolean(),
      // Whether the next attempt knows of the one that failed, as the agent and the bench tool do.
      told: fc.boolean(),
    });
  });

/** Images with bytes for data EEPROM, alone or beside the flash's. */
const eepromScenario = fc.oneof(
  scenarioOf("any", eepromPart, 0, true),
  scenarioOf("losing", eepromPart, 0, true),
  scenarioOf("near", eepromPart, 0, true),
);

export const scenario = fc.oneof(
  { weight: 6, arbitrary: scenarioOf("any") },
  { weight: 2, arbitrary: scenarioOf("losing") },
  { weight: 2, arbitrary: scenarioOf("torn") },
  { weight: 2, arbitrary: eepromScenario },
);

export type Scenario = typeof scenario extends fc.Arbitrary<infer T> ? T : never;

/** Bootloaders on ST's USB Device Library, over links that lose more data stages than others, or two near each other. */
export const libraryScenario: fc.Arbitrary<Scenario> = fc.oneof(
  scenarioOf("any", libraryPart, BOOTLOADER_BYTES),
  scenarioOf("losing", libraryPart, BOOTLOADER_BYTES),
  scenarioOf("near", libraryPart, BOOTLOADER_BYTES),
  scenarioOf("torn", libraryPart, BOOTLOADER_BYTES),
);

/** Later segments win; overlaps would be refused by the parser. `wanted` counts from `base`. */
export function flatten(size: number, segments: readonly Segment[], base = BASE) {
  const wanted = new Map<number, number>();
  for (const { address, data } of segments) {
    data.forEach((byte, index) => {
      wanted.set(address - base + index, byte);
    });
  }
  const joined: Segment[] = [];
  for (let at = 0; at < size; at += 1) {
    const run: number[] = [];
    const start = at;
    for (let byte = wanted.get(at); byte !== undefined; byte = wanted.get(at)) {
      run.push(byte);
      at += 1;
    }
    if (run.length > 0) joined.push({ address: base + start, data: Uint8Array.from(run) });
  }
  return { wanted, joined };
}

/** Addresses from the base of what no image byte shares a sector with: nothing there may change, whatever the outcome. */
export function beside(of: Part, wanted: ReadonlyMap<number, number>): readonly number[] {
  let at = 0;
  return of.flash.sectors.flatMap(([count, size]) =>
    Array.from({ length: count }, () => {
      const sector = Array.from({ length: size }, (_, index) => at + index);
      at += size;
      return sector.some((address) => wanted.has(address)) ? [] : sector;
    }).flat(),
  );
}
