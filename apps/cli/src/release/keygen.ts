import { rm, writeFile } from "node:fs/promises";
import { formatPublicKey, formatSecretKey, generateKeyPair } from "@flashline/signing";
import { Command } from "commander";
import type { Console } from "../console.ts";
import { examples } from "../examples.ts";

export function keygenCommand(console: Console): Command {
  return new Command("keygen")
    .argument("[name]", "makes NAME.key and NAME.pub", "release")
    .addHelpText("after", examples("flashline release keygen", "flashline release keygen team"))
    .option("--json", "one JSON line")
    .action(async (name: string, options: { readonly json?: true }) => {
      const { publicKey, secretKey } = generateKeyPair();
      const files = { secret: `${name}.key`, public: `${name}.pub` };
      // An existing key is never replaced: no more releases could follow those that it signed.
      await writeFile(files.secret, formatSecretKey(secretKey), { mode: 0o600, flag: "wx" });
      await writeFile(files.public, formatPublicKey(publicKey), { flag: "wx" }).catch(
        async (error: unknown) => {
          // Beside another key's public half it would look like the secret of that one.
          await rm(files.secret);
          throw error;
        },
      );
      console.terminal.write(
        options.json
          ? `${JSON.stringify({ event: "key", keyId: publicKey.keyId, ...files })}\n`
          : `Key ${publicKey.keyId}\n  ${files.secret}  keep it secret: who has this file can sign releases\n` +
              `  ${files.public}  give it to the server and to every station (flashline-agent enroll --key)\n`,
      );
    });
}
