import { Command } from "commander";
import { type ServerOptions, withServerOptions } from "../api.ts";
import type { Console } from "../console.ts";
import { download } from "../download.ts";
import { examples } from "../examples.ts";

export function transcriptCommand(console: Console): Command {
  return withServerOptions(
    new Command("transcript").argument("<attempt>", "the attempt's id, as unit show --json has it"),
  )
    .option("--out <file>", "where it goes (default: attempt-ID.pcapng)")
    .addHelpText(
      "after",
      examples(
        "flashline unit transcript 019ab3c4-77d0-7c1e-9d3f-1c2b3a4d5e6f --out failed.pcapng",
      ),
    )
    .action(async (attempt: string, options: ServerOptions & { readonly out?: string }) => {
      const file = options.out ?? `attempt-${attempt}.pcapng`;
      const asked = { params: { id: attempt } };
      const bytes = await download(console, options, "transcript", asked, "--out", file);
      console.terminal.write(
        options.json
          ? `${JSON.stringify({ event: "transcript", attempt, file, bytes })}\n`
          : `${file}. To read: tshark -r ${file} -d usb.product==0x0483df11,usbdfu\n`,
      );
    });
}
