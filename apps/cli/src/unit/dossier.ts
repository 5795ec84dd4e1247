import { Command } from "commander";
import { apiClient, type ServerOptions, withServerOptions } from "../api.ts";
import type { Console } from "../console.ts";
import { download } from "../download.ts";
import { examples } from "../examples.ts";
import { findUnit } from "../find-unit.ts";

type DossierOptions = ServerOptions & { readonly product?: string; readonly out?: string };

export function dossierCommand(console: Console): Command {
  return withServerOptions(
    new Command("dossier").argument("<serial>", "serial number, or the unit's id"),
  )
    .option("--product <name>", "where several products have the serial")
    .option("--out <file>", "where it goes; .json gives JSON, all else PDF (default: SERIAL.pdf)")
    .addHelpText(
      "after",
      examples(
        "flashline unit dossier CA-100001",
        "flashline unit dossier CA-100001 --out CA-100001.json",
      ),
    )
    .action(async (wanted: string, options: DossierOptions) => {
      const { id, serial } = await findUnit(apiClient(console, options), wanted, options.product);
      const file = options.out ?? `${serial.replace(/[^\w.-]/g, "_")}.pdf`;
      const endpoint = file.toLowerCase().endsWith(".json") ? "dossier" : "dossierPdf";
      const asked = { params: { id } };
      const bytes = await download(console, options, endpoint, asked, "--out", file);
      console.terminal.write(
        options.json
          ? `${JSON.stringify({ event: "dossier", serial, file, bytes })}\n`
          : `${file}\n`,
      );
    });
}
