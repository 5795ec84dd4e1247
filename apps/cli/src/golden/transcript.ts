import { Command } from "commander";
import { type ServerOptions, withServerOptions } from "../api.ts";
import type { Console } from "../console.ts";
import { download } from "../download.ts";
import { examples } from "../examples.ts";

export function goldenTranscriptCommand(console: Console): Command {
  return withServerOptions(
    new Command("transcript").argument("<check>", "the check's id, as golden show has it"),
  )
    .description("what went over the wire in a failed check, without content")
    .option("--out <file>", "where it goes (default: golden-check-ID.pcapng)")
    .addHelpText(
      "after",
      examples(
        "flashline golden transcript 019ab3c4-77d0-7c1e-9d3f-1c2b3a4d5e6f --out failed.pcapng",
      ),
    )
    .action(async (check: string, options: ServerOptions & { readonly out?: string }) => {
      const file = options.out ?? `golden-check-${check}.pcapng`;
      const asked = { params: { id: check } };
      const bytes = await download(console, options, "goldenTranscript", asked, "--out", file);
      console.terminal.write(
        options.json
          ? `${JSON.stringify({ event: "transcript", check, file, bytes })}\n`
          : `${file}. To read: tshark -r ${file} -d usb.product==0x0483df11,usbdfu\n`,
      );
    });
}
