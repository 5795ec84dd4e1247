import { readFile } from "node:fs/promises";
import { parseSecretKey, signMinisig } from "@flashline/signing";
import { Command } from "commander";
import type { Console } from "../console.ts";
import { examples } from "../examples.ts";
import { keepApart, writeOutput } from "../output.ts";
import { archiveOf, readUpdate } from "./files.ts";

interface Options {
  readonly key: string;
  readonly json?: true;
}

export function signCommand(console: Console): Command {
  return new Command("sign")
    .argument("<manifest>", "the update's .json; its .tar.gz lies beside it")
    .requiredOption("--key <file>", "secret key without a password, of the key that line PCs pin")
    .option("--json", "one JSON line")
    .addHelpText(
      "after",
      examples(
        "flashline agent-update sign flashline-agent-update_1.5.0_linux-x64.json --key update.key",
      ),
    )
    .action(async (file: string, options: Options) => {
      const out = `${file}.minisig`;
      await keepApart([out], [file, archiveOf(file), options.key]);
      const secretKey = parseSecretKey(await readFile(options.key, "utf8"));
      const { bytes, manifest } = await readUpdate(file);
      const { version, platform } = manifest;
      const trustedComment = `flashline-agent ${version} ${platform}`;
      await writeOutput(out, Buffer.from(signMinisig(bytes, secretKey, { trustedComment })));
      const { keyId } = secretKey;
      console.terminal.write(
        options.json
          ? `${JSON.stringify({ event: "signed", manifest: file, signature: out, keyId, version, platform })}\n`
          : `${out}: agent ${version} for ${platform}, key ${keyId}\n`,
      );
    });
}
