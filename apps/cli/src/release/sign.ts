import { readFile } from "node:fs/promises";
import { Manifest } from "@flashline/contract";
import { checkSerialRule } from "@flashline/contract/pattern";
import { PROFILE_NAMES } from "@flashline/dfu-core";
import { parseSecretKey, signMinisig } from "@flashline/signing";
import { Command, Option } from "commander";
import type { z } from "zod";
import { address, collect, wholeNumber } from "../arguments.ts";
import type { Console } from "../console.ts";
import { defined } from "../defined.ts";
import { type FileOptions, formatOption } from "../image/parse-file.ts";
import { keepApart, refuseStandardOutput, writeOutput } from "../output.ts";
import { Refusal } from "../refusal.ts";
import { composeRecipe, RECIPE_HELP, type RecipeOptions, withRecipeOptions } from "./recipe.ts";
import { checkSources, entryOf, type ImageSource, readSource } from "./signed-images.ts";

interface Options extends RecipeOptions, FileOptions {
  readonly key: string;
  readonly manifest?: string;
  readonly product?: string;
  readonly chip?: string;
  readonly version?: string;
  readonly counter?: number;
  readonly boardRevision: readonly string[];
  readonly profile: (typeof PROFILE_NAMES)[number];
  readonly remainder: "discard" | "preserve" | "refuse";
  readonly leave: boolean;
  readonly expires?: string;
  readonly out: string;
  readonly json?: true;
}

const EXAMPLES = `
Examples:
  flashline release sign firmware.bin --product U2C --chip STM32F072 --version 1.4.0 --counter 7 --key release.key
  flashline release sign --manifest manifest.json --key release.key

The manifest's bytes are signed as they are; do not change the file afterwards. minisign can sign it too:
  minisign -S -s release.key -m manifest.json`;

export function signCommand(console: Console): Command {
  return withRecipeOptions(new Command("sign"))
    .argument("[images...]", "firmware files; the manifest names them by their digests")
    .requiredOption("--key <file>", "secret key without a password (keygen, or minisign -G -W)")
    .option("--manifest <file>", "sign this manifest instead of writing one")
    .option("--product <name>", "the product")
    .option("--chip <name>", "the chip class, e.g. STM32F407")
    .option("--version <version>", "the release's version")
    .option(
      "--counter <number>",
      "higher than that of every earlier release",
      wholeNumber(1, 2 ** 31),
    )
    .option(
      "--board-revision <name>",
      "allowed board revision; may be repeated (default: every)",
      collect,
      [],
    )
    .option("--address <address>", "where a raw image begins (default: 0x08000000)", address)
    .addOption(formatOption())
    .addOption(
      new Option("--profile <name>", "pacing profile to start with")
        .choices(PROFILE_NAMES)
        .default("standard"),
    )
    .addOption(
      new Option("--remainder <rule>", "the part of a sector that the image does not cover")
        .choices(["discard", "preserve", "refuse"])
        .default("discard"),
    )
    .option("--no-leave", "do not start the application afterwards")
    .option(
      "--expires <time>",
      "no unit is flashed with it after this time, e.g. 2027-01-31T00:00:00Z",
    )
    .option("--out <file>", "where the manifest goes; the signature beside it", "manifest.json")
    .option("--json", "one JSON line")
    .addHelpText("after", `${RECIPE_HELP}\n${EXAMPLES}`)
    .action(async (images: readonly string[], options: Options) => {
      refuseStandardOutput("--out", options.out);
      const file = options.manifest ?? options.out;
      await keepApart(
        [...(options.manifest === undefined ? [file] : []), `${file}.minisig`],
        [...images, options.key, options.manifest],
      );
      const secretKey = parseSecretKey(await readFile(options.key, "utf8"));
      const sources = await Promise.all(images.map(readSource));
      const bytes =
        options.manifest === undefined
          ? await composeManifest(sources, options)
          : await readFile(options.manifest);
      const manifest = readManifest(bytes, file);
      for (const note of checkSources(manifest, bytes, sources)) {
        console.terminal.writeError(`Note: ${note}\n`);
      }
      const { product, version, counter } = manifest;
      const trustedComment = `product ${product} version ${version} counter ${counter}`;
      const signature = Buffer.from(signMinisig(bytes, secretKey, { trustedComment }));
      if (options.manifest === undefined) await writeOutput(file, bytes);
      await writeOutput(`${file}.minisig`, signature);
      const { keyId } = secretKey;
      console.terminal.write(
        options.json
          ? `${JSON.stringify({ event: "signed", manifest: file, signature: `${file}.minisig`, keyId, product, version, counter })}\n`
          : `${file} and ${file}.minisig: ${product} ${version}, counter ${counter}, key ${keyId}\n`,
      );
    });
}

/** Reads a manifest's bytes without changing them. */
export function readManifest(bytes: Uint8Array, file: string): Manifest {
  try {
    const text = new TextDecoder("utf-8", { fatal: true }).decode(bytes);
    const manifest = Manifest.parse(JSON.parse(text));
    checkSerialRule(manifest.recipe);
    return manifest;
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    throw new Refusal("release.manifest_invalid", `${file} is no manifest: ${why}`, {
      cause: error,
    });
  }
}

async function composeManifest(sources: readonly ImageSource[], options: Options): Promise<Buffer> {
  const { product, chip, version, counter, profile, remainder, leave, expires } = options;
  const missing = Object.entries({ product, chip, version, counter })
    .filter(([, value]) => value === undefined)
    .map(([name]) => `--${name}`);
  if (sources.length === 0) missing.unshift("an image");
  if (missing.length > 0)
    throw new Refusal("usage.argument", `A manifest also needs ${missing.join(", ")}.`);
  const images = sources.map((source) => entryOf(source, options));
  const rawImages = options.format === undefined ? undefined : images.map(({ name }) => name);
  const manifest = {
    ...(await composeRecipe(
      { ...options, ...defined({ rawImages }) },
      { remainder, profile, leave },
    )),
    product: product ?? "",
    boardRevisions: [...options.boardRevision],
    chip: chip ?? "",
    version: version ?? "",
    counter: counter ?? 0,
    images,
    ...defined({ expiresAt: expires }),
  } satisfies Omit<z.input<typeof Manifest>, "recipe">;
  return Buffer.from(`${JSON.stringify(manifest, undefined, 2)}\n`);
}
