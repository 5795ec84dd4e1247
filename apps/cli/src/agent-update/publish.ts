import { readFile } from "node:fs/promises";
import type { UpdateView } from "@flashline/contract";
import { Command } from "commander";
import { apiClient, type ServerOptions, withServerOptions } from "../api.ts";
import type { Console } from "../console.ts";
import { defined } from "../defined.ts";
import { examples } from "../examples.ts";
import { type Columns, showList } from "../list.ts";
import { rowsOf } from "../pages.ts";
import { Refusal } from "../refusal.ts";
import { readSignature } from "../release/publish.ts";
import { uploadImage } from "../release/upload.ts";
import { archiveOf, readUpdate } from "./files.ts";

const COLUMNS: Columns<UpdateView> = [
  ["VERSION", ({ version }) => version],
  ["PLATFORM", ({ platform }) => platform],
  ["KEY", ({ keyId }) => keyId],
  ["BACK FROM", ({ downgradeFrom }) => downgradeFrom ?? ""],
  ["PUBLISHED", ({ publishedAt }) => publishedAt.slice(0, 10)],
  ["BY", ({ publishedBy }) => publishedBy],
  [
    "STATE",
    ({ withdrawnAt, withdrawReason }) =>
      withdrawnAt === null ? "" : `withdrawn: ${withdrawReason}`,
  ],
];

export function publishCommand(console: Console): Command {
  return withServerOptions(
    new Command("publish").argument(
      "<manifest>",
      "signed manifest; its .minisig and .tar.gz lie beside it",
    ),
  )
    .requiredOption("--key <file>", "public key that the signature is held against")
    .addHelpText(
      "after",
      examples(
        "flashline agent-update publish flashline-agent-update_1.5.0_linux-x64.json --key update.pub",
      ),
    )
    .action(async (file: string, options: ServerOptions & { readonly key: string }) => {
      const call = apiClient(console, options);
      const { bytes, manifest, archive } = await readUpdate(file);
      const signature = await readSignature(`${file}.minisig`);
      const publicKey = await readFile(options.key, "utf8");
      const { sha256 } = manifest.archive;
      const upload = { name: archiveOf(file), sha256, bytes: archive };
      await uploadImage(call, upload, (text) => console.terminal.writeError(`${text}\n`));
      const body = { manifest: bytes.toString("base64"), signature, publicKey };
      const answer = await call("addUpdate", { body });
      showList(console, options, "update", [answer.body], COLUMNS);
    });
}

export function listCommand(console: Console): Command {
  return withServerOptions(new Command("list"))
    .addHelpText("after", examples("flashline agent-update list"))
    .action(async (options: ServerOptions) => {
      const { body } = await apiClient(console, options)("updates", {});
      showList(console, options, "update", body, COLUMNS);
    });
}

export function withdrawCommand(console: Console): Command {
  return withServerOptions(
    new Command("withdraw").argument("<version>", "for every kind of PC that it was published for"),
  )
    .requiredOption("--reason <text>", "why, for everybody to read")
    .addHelpText("after", examples('flashline agent-update withdraw 1.5.0 --reason "loses scans"'))
    .action(async (version: string, options: ServerOptions & { readonly reason: string }) => {
      const call = apiClient(console, options);
      const offered: UpdateView[] = [];
      for await (const one of rowsOf((after) => call("updates", { query: defined({ after }) }))) {
        if (one.version === version && one.withdrawnAt === null) offered.push(one);
      }
      if (offered.length === 0)
        throw new Refusal(
          "request.not_found",
          `There is no update ${version} that is not withdrawn.`,
        );
      const { reason } = options;
      const done: UpdateView[] = [];
      for (const { id } of offered) {
        done.push((await call("withdrawUpdate", { params: { id }, body: { reason } })).body);
      }
      showList(console, options, "update", done, COLUMNS);
    });
}
