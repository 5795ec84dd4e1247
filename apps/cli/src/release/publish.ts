import { createHash } from "node:crypto";
import { readFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import type { Manifest, ReleaseView } from "@flashline/contract";
import { Command } from "commander";
import { type ApiClient, apiClient, type ServerOptions, withServerOptions } from "../api.ts";
import { wholeNumber } from "../arguments.ts";
import type { Console } from "../console.ts";
import { ExitCode } from "../exit.ts";
import { Refusal } from "../refusal.ts";
import { readManifest } from "./sign.ts";
import { releaseText } from "./text.ts";
import { uploadImage } from "./upload.ts";

interface Options extends ServerOptions {
  readonly images?: string;
  readonly wait: boolean;
  readonly timeout: number;
}

export function publishCommand(console: Console): Command {
  return withServerOptions(
    new Command("publish").argument(
      "[manifest]",
      "signed manifest; its .minisig lies beside it",
      "manifest.json",
    ),
  )
    .option("--images <folder>", "where the images are (default: beside the manifest)")
    .option("--no-wait", "do not wait for the server's check")
    .option("--timeout <seconds>", "how long to wait for the check", wholeNumber(1, 3600), 60)
    .addHelpText(
      "after",
      "\nExample:\n  FLASHLINE_SERVER=http://server:8370 FLASHLINE_TOKEN=… flashline release publish",
    )
    .action(async (file: string, options: Options) => {
      const call = apiClient(console, options);
      const bytes = await readFile(file);
      const signature = await readSignature(`${file}.minisig`);
      const manifest = readManifest(bytes, file);
      const note = (text: string) => console.terminal.writeError(`${text}\n`);
      await uploadImages(call, manifest, options.images ?? dirname(file), note);
      const published = await call("publish", {
        body: { manifest: bytes.toString("base64"), signature },
      });
      const release = options.wait
        ? await checked(call, published.body, options.timeout * 1000)
        : published.body;
      console.terminal.write(
        options.json
          ? `${JSON.stringify({ event: "release", ...release })}\n`
          : releaseText(release),
      );
      process.exitCode = release.check === "refused" ? ExitCode.Fail : ExitCode.Done;
    });
}

/** Text of a `.minisig` file. Throws `release.signature_missing`. */
export async function readSignature(file: string): Promise<string> {
  try {
    return await readFile(file, "utf8");
  } catch (error) {
    throw new Refusal("release.signature_missing", `There is no signature ${file}.`, {
      cause: error,
    });
  }
}

async function uploadImages(
  call: ApiClient,
  manifest: Manifest,
  folder: string,
  note: (text: string) => void,
): Promise<void> {
  for (const { name, sha256 } of manifest.images) {
    const bytes = await readFile(join(folder, name));
    if (createHash("sha256").update(bytes).digest("hex") !== sha256)
      throw new Refusal(
        "release.image_digest",
        `${name} is not the file that the manifest was made for.`,
      );
    await uploadImage(call, { name, sha256, bytes }, note);
  }
}

/** The check runs in a queue of the server; this asks until it is done. */
async function checked(
  call: ApiClient,
  release: ReleaseView,
  timeoutMs: number,
): Promise<ReleaseView> {
  const deadline = performance.now() + timeoutMs;
  let seen = release;
  while (seen.check === "pending") {
    if (performance.now() > deadline)
      throw new Refusal(
        "release.unchecked",
        `The server did not check ${seen.version} in time; it is a draft. ${seen.checkMessage ?? ""}`.trimEnd(),
        {
          exit: ExitCode.Fail,
        },
      );
    await pause(250);
    seen = (await call("release", { params: { id: release.id } })).body;
  }
  return seen;
}
