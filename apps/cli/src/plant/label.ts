import { readFile } from "node:fs/promises";
import type { LabelView } from "@flashline/contract";
import { Command, Option } from "commander";
import { type ApiClient, apiClient, type ServerOptions, withServerOptions } from "../api.ts";
import type { Console } from "../console.ts";
import { defined } from "../defined.ts";
import { examples } from "../examples.ts";
import { ExitCode } from "../exit.ts";
import { showJson } from "../list.ts";
import { Refusal } from "../refusal.ts";

type Options = ServerOptions & {
  readonly template?: string;
  readonly scanBack?: string;
  readonly remove?: true;
  readonly preview?: string;
  readonly reason?: string;
};

const usage = (what: string): Refusal => new Refusal("usage.argument", what, { hint: "" });

async function productId(call: ApiClient, name: string): Promise<string> {
  const product = (await call("products", {})).body.find((one) => one.name === name);
  if (product !== undefined) return product.id;
  throw new Refusal("request.not_found", `There is no product ${name}.`, {
    exit: ExitCode.Fail,
    hint: "",
  });
}

function show(console: Console, options: Options, view: LabelView): void {
  if (options.json) {
    showJson(console, "label", view);
    return;
  }
  const { product, template, scanBack, placeholders } = view;
  const back = scanBack === null ? "not scanned back" : `scanned back as ${scanBack}`;
  const may = placeholders.map((name) => `{${name}}`).join(" ");
  console.terminal.write(
    template === null
      ? `${product}: no label. It may show ${may}.\n`
      : `${product}: ${template.length} characters of ZPL, ${back}. It may show ${may}.\n${template.trimEnd()}\n`,
  );
}

async function preview(
  console: Console,
  options: Options,
  call: ApiClient,
  id: string,
  serial: string,
): Promise<void> {
  const template =
    options.template === undefined ? undefined : await readFile(options.template, "utf8");
  const body = defined({ serial, template, scanBack: options.scanBack });
  const answer = await call("previewLabel", { params: { id }, body });
  if (options.json) return showJson(console, "label", answer.body);
  const { zpl, code, madeUp } = answer.body;
  console.terminal.write(`${zpl.trimEnd()}\n`);
  if (code !== null) console.terminal.writeError(`Scanned back: ${code}\n`);
  if (madeUp.length > 0) console.terminal.writeError(`Made up here: ${madeUp.join(", ")}\n`);
}

/** The label of a product: shown, previewed, set or taken away. */
export function labelCommand(console: Console): Command {
  return withServerOptions(new Command("label").argument("<product>", "the product's name"))
    .description("the label that units get once they pass")
    .option("--template <file>", "ZPL with placeholders, such as {serial}")
    .option("--scan-back <text>", "what the printed label says when scanned, such as {serial}")
    .addOption(new Option("--remove", "no label any more").conflicts(["template", "scanBack"]))
    .option("--preview <serial>", "print what the unit's printer would get, and change nothing")
    .option("--reason <text>", "why, for the ledger")
    .addHelpText(
      "after",
      examples(
        "flashline product label MC-2",
        "flashline product label MC-2 --template box.zpl --preview MC2-000042 > label.zpl",
        'flashline product label MC-2 --template box.zpl --scan-back "{serial}" --reason "box of 2026"',
      ),
    )
    .action(async (name: string, options: Options) => {
      const { template: file, scanBack = null, reason, remove = false } = options;
      if (options.preview === undefined && file === undefined && scanBack !== null) {
        throw usage("--scan-back goes with --template or --preview.");
      }
      const call = apiClient(console, options);
      const id = await productId(call, name);
      if (options.preview !== undefined) {
        await preview(console, options, call, id, options.preview);
        return;
      }
      if (file === undefined && !remove) {
        show(console, options, (await call("label", { params: { id } })).body);
        return;
      }
      if (reason === undefined) throw usage("A label is set or removed with --reason TEXT.");
      const template = file === undefined ? null : await readFile(file, "utf8");
      const answer = await call("setLabel", {
        params: { id },
        body: { template, scanBack, reason },
      });
      show(console, options, answer.body);
    });
}
