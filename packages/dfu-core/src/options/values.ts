import { DfuError } from "../errors.ts";
import { decodeOptions, type OptionBlocks, rdpLevel, visibleFields } from "./codec.ts";
import { type Confirmation, type OptionField, type OptionSchema, RDP } from "./schema.ts";

/** Values by field name: a number, or its text ("0x1f", "3"). RDP also takes its level: "0", "0.5", "1", "2". */
export type OptionSettings = Readonly<Record<string, number | string>>;

/** What ST's library writes for level 1. */
const LEVEL_1 = 0xbb;

function rdpValue(schema: OptionSchema, level: string): number | undefined {
  switch (level) {
    case "0":
      return schema.rdp.open;
    case "0.5":
      return schema.rdp.half;
    case "1":
      return LEVEL_1;
    case "2":
      return schema.rdp.permanent;
    default:
      return /^0x[0-9a-f]{1,2}$/i.test(level) ? Number(level) : undefined;
  }
}

const wholeNumber = (text: string): number | undefined =>
  /^(0x[0-9a-f]{1,8}|\d{1,10})$/i.test(text) ? Number(text) : undefined;

function rdpLevels({ rdp }: OptionSchema): string {
  const levels = [
    "0",
    ...(rdp.half === undefined ? [] : ["0.5"]),
    "1",
    ...(rdp.permanent === undefined ? [] : ["2"]),
  ];
  return `a level: ${levels.slice(0, -1).join(", ")} or ${levels.at(-1)}`;
}

/** The field's value for a setting. Throws `options.value` with its range, or the levels that the schema has. */
export function parseOptionValue(
  schema: OptionSchema,
  { name, width }: OptionField,
  setting: number | string,
): number {
  const text = String(setting).trim();
  const value = name === RDP ? rdpValue(schema, text) : wholeNumber(text);
  if (value !== undefined && value < 2 ** width) return value;
  const range = name === RDP ? rdpLevels(schema) : `0 to ${2 ** width - 1}`;
  throw new DfuError("options.value", `${name}=${text} is not ${range}`);
}

/** Checks names and ranges. Throws `options.value` with the names that there are, or the range. */
export function parseSettings(
  schema: OptionSchema,
  blocks: OptionBlocks,
  settings: OptionSettings,
): ReadonlyMap<string, number> {
  const fields = visibleFields(schema, blocks);
  return new Map(
    Object.entries(settings).map(([given, setting]) => {
      const field = fields.find(({ name }) => name.toLowerCase() === given.toLowerCase());
      if (field === undefined) {
        const names = fields.map(({ name }) => name).join(", ");
        throw new DfuError(
          "options.value",
          `this unit shows no option ${given}; it shows ${names}`,
        );
      }
      return [field.name, parseOptionValue(schema, field, setting)];
    }),
  );
}

/** Fields that differ from what is wanted, as "BOR_LEV is 3, not 0". RDP is compared by its level: many values mean level 1. */
export function differences(
  schema: OptionSchema,
  blocks: OptionBlocks,
  wanted: ReadonlyMap<string, number>,
): readonly string[] {
  return decodeOptions(schema, blocks).flatMap(({ name, value }) => {
    const other = wanted.get(name);
    if (other === undefined || other === value) return [];
    if (name !== RDP) return [`${name} is ${value}, not ${other}`];
    const [is, not] = [rdpLevel(schema, value), rdpLevel(schema, other)];
    return is === not ? [] : [`RDP is level ${is}, not ${not}`];
  });
}

/**
 * The second confirmations that these changes need. What is set already needs none. RDP beside a set BOOT_LOCK does need one:
 * on G0 and G4 the two together are for ever.
 */
export function neededConfirmations(
  schema: OptionSchema,
  blocks: OptionBlocks,
  changes: ReadonlyMap<string, number>,
): readonly Confirmation[] {
  const present = new Map(decodeOptions(schema, blocks).map(({ name, value }) => [name, value]));
  const needed = new Set<Confirmation>();
  for (const { name, confirm } of schema.fields) {
    const wanted = changes.get(name);
    if (confirm !== undefined && wanted !== undefined && wanted !== present.get(name)) {
      needed.add(confirm);
    }
  }
  const rdp = changes.get(RDP);
  if (rdp !== undefined && rdp !== present.get(RDP)) {
    const level = rdpLevel(schema, rdp);
    if (level === 2) needed.add("rdp2");
    if (level > 0 && (changes.get("BOOT_LOCK") ?? present.get("BOOT_LOCK")) === 1) {
      needed.add("boot-lock");
    }
  }
  return [...needed];
}
