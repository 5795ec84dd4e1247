import { readFile } from "node:fs/promises";
import { UpdateManifest } from "@flashline/contract";
import { parseSecretKey, signMinisig } from "@flashline/signing";
import { Command } from "commander";
import type { Console } from "../console.ts";
import { examples } from "../examples.ts";
import { keepApart, writeOutput } from "../output.ts";
import { Refusal } from "../refusal.ts";
import { archiveOf, readUpdate, type UpdateFiles } from "./files.ts";

interface Options {
  readonly key: string;
  readonly downgradeFrom?: string;
  readonly json?: true;
}

export function signCommand(console: Console): Command {
  return new Command("sign")
    .argument("<manifest>", "the update's .json; its .tar.gz lies beside it")
    .requiredOption("--key <file>", "secret key without a password, of the key that line PCs pin")
    .option(
      "--downgrade-from <version>",
      "PCs that ran this version, or one between, may go back to the update; the manifest is written anew",
    )
    .option("--json", "one JSON line")
    .addHelpText(
      "after",
      examples(
        "flashline agent-update sign flashline-agent-update_1.5.0_linux-x64.json --key update.key",
        "flashline agent-update sign flashline-agent-update_1.4.2_linux-x64.json --key update.key --downgrade-from 1.5.0",
      ),
    )
    .action(async (file: string, options: Options) => {
      const out = `${file}.minisig`;
      await keepApart([out], [file, archiveOf(file), options.key]);
      const secretKey = parseSecretKey(await readFile(options.key, "utf8"));
      const { bytes, manifest } = await signable(file, options.downgradeFrom);
      const { version, platform, downgradeFrom } = manifest;
      const trustedComment = `flashline-agent ${version} ${platform}`;
      await writeOutput(out, Buffer.from(signMinisig(bytes, secretKey, { trustedComment })));
      const { keyId } = secretKey;
      console.terminal.write(
        options.json
          ? `${JSON.stringify({ event: "signed", manifest: file, signature: out, keyId, version, platform, downgradeFrom })}\n`
          : `${out}: agent ${version} for ${platform}, key ${keyId}${mayGoBack(downgradeFrom)}\n`,
      );
    });
}

const mayGoBack = (from: string | undefined): string =>
  from === undefined ? "" : `; PCs that ran up to ${from} may go back to it`;

/** The manifest's bytes; where going back is to be allowed, that stands in them first. */
async function signable(
  file: string,
  downgradeFrom: string | undefined,
): Promise<Pick<UpdateFiles, "bytes" | "manifest">> {
  const found = await readUpdate(file);
  if (downgradeFrom === undefined || downgradeFrom === found.manifest.downgradeFrom) return found;
  const value = { ...JSON.parse(found.bytes.toString("utf8")), downgradeFrom };
  const parsed = UpdateManifest.safeParse(value);
  if (!parsed.success) {
    const why = parsed.error.issues.map(({ message }) => message).join(" ");
    throw new Refusal("usage.argument", `--downgrade-from ${downgradeFrom}: ${why}`, {
      hint: `Name the newest version from which PCs may go back to ${found.manifest.version}, such as 1.5.0.`,
    });
  }
  const bytes = Buffer.from(`${JSON.stringify(value, undefined, 2)}\n`);
  await writeOutput(file, bytes);
  return { bytes, manifest: parsed.data };
}
