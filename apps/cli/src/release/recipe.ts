import { readFile } from "node:fs/promises";
import { type Command, Option } from "commander";
import { address, optionSetting, positive } from "../arguments.ts";
import { defined } from "../defined.ts";
import { parsePatchSpec } from "../image/patch-spec.ts";
import { Refusal } from "../refusal.ts";
import { hex32 } from "../terminal/units.ts";

/** What a release asks of every unit beyond its images. */
export interface RecipeOptions {
  readonly patchSpec?: string;
  readonly bankMode?: "single" | "dual";
  readonly expectOption?: Readonly<Record<string, string>>;
  readonly expect?: string;
  readonly within?: number;
  readonly expectSerial?: string;
  readonly serialPattern?: string;
  readonly vectorTable?: number | "none";
}

export const RECIPE_HELP = `
Per-unit data: --patch-spec takes the file that "dfu flash" takes, and each field says where the line gets its value:
  "value": { "from": "serial" }                    the serial that was scanned
  "value": { "from": "range", "range": "mac" }     a number that no other unit of the product gets
  "value": { "from": "given" }                     given for the unit by API (PUT /v1/units/values)
The application's USB serial: --expect-serial '{serial}' is the scanned one; '{1}' to '{9}' are groups of --serial-pattern:
  --serial-pattern 'PSU-40-([0-9]{6})' --expect-serial 'P40{1}'`;

export function withRecipeOptions(command: Command): Command {
  return command
    .option("--patch-spec <file>", "JSON file: where per-unit data goes, and where it comes from")
    .addOption(
      new Option(
        "--bank-mode <mode>",
        "the bank mode that the image is for; units in another one, or that do not tell, are refused",
      ).choices(["single", "dual"]),
    )
    .option(
      "--expect-option <name=value>",
      "an option byte that units must have; may be repeated",
      optionSetting,
    )
    .option(
      "--expect <what>",
      "what the port must show after the start: dfu-gone, or the application's VID:PID",
    )
    .option(
      "--expect-serial <text>",
      "the USB serial that the application must show after the start, made of the scanned one",
    )
    .option(
      "--serial-pattern <regex>",
      "with --expect-serial: what the whole scanned serial matches (RE2), with groups for its pieces",
    )
    .addOption(
      new Option("--within <seconds>", "how long that may take (default: 10)").argParser(positive),
    )
    .option(
      "--vector-table <address>",
      "where the vector table is, or none where the image has none (default: it begins the image)",
      (text: string) => (text === "none" ? text : address(text)),
    );
}

/** The manifest's recipe with the schema that it needs. The description is taken as it was written, and read once to check it. */
export async function composeRecipe(
  options: RecipeOptions & { readonly rawImages?: readonly string[] },
  basic: { readonly remainder: string; readonly profile: string; readonly leave: boolean },
): Promise<{ readonly schema: 1 | 2; readonly recipe: Readonly<Record<string, unknown>> }> {
  const { patchSpec, bankMode, expectOption, vectorTable, rawImages } = options;
  const extra = {
    ...defined({ bankMode, expectOptions: expectOption, rawImages }),
    ...(vectorTable === undefined
      ? {}
      : { vectorTable: vectorTable === "none" ? vectorTable : hex32(vectorTable) }),
    ...(patchSpec === undefined ? {} : { patch: await readSpec(patchSpec) }),
    ...defined({ expectAfterLeave: afterLeave(options) }),
  };
  return { schema: Object.keys(extra).length === 0 ? 1 : 2, recipe: { ...basic, ...extra } };
}

function afterLeave({ expect, expectSerial, serialPattern, within }: RecipeOptions) {
  if (expectSerial === undefined && serialPattern !== undefined)
    throw new Refusal(
      "usage.argument",
      "--serial-pattern has the pieces for --expect-serial; say both.",
    );
  if (expect === undefined && expectSerial === undefined) return undefined;
  const serial = expectSerial && {
    from: "serial",
    ...defined({ pattern: serialPattern }),
    text: expectSerial,
  };
  return defined({ show: expect, serial, withinSeconds: within });
}

async function readSpec(file: string): Promise<unknown> {
  const text = await readFile(file, "utf8");
  parsePatchSpec(text, file);
  return JSON.parse(text);
}
