import { ENDPOINTS, ErrorBody } from "@flashline/contract";
import { Command } from "commander";
import { type ServerOptions, serverAddress, withServerOptions } from "../api.ts";
import type { Console } from "../console.ts";
import { examples } from "../examples.ts";
import { ExitCode } from "../exit.ts";
import { refuseStandardOutput, writeOutput } from "../output.ts";
import { Refusal } from "../refusal.ts";

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
      const { url, headers } = serverAddress(console, options);
      const path = ENDPOINTS.transcript.path.replace(":id", encodeURIComponent(attempt));
      const answer = await fetch(`${url}${path}`, { headers });
      if (!answer.ok) {
        const refusal = ErrorBody.safeParse(await answer.json().catch(() => undefined));
        throw new Refusal(
          refusal.data?.code ?? "server.unavailable",
          refusal.data?.message ?? `The server answered ${answer.status} without a reason.`,
          { exit: ExitCode.Fail, hint: refusal.data?.action ?? "" },
        );
      }
      const bytes = new Uint8Array(await answer.arrayBuffer());
      const file = options.out ?? `attempt-${attempt}.pcapng`;
      refuseStandardOutput("--out", file);
      await writeOutput(file, bytes);
      console.terminal.write(
        options.json
          ? `${JSON.stringify({ event: "transcript", attempt, file, bytes: bytes.length })}\n`
          : `${file}. To read: tshark -r ${file} -d usb.product==0x0483df11,usbdfu\n`,
      );
    });
}
