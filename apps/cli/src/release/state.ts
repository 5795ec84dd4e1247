import type { ReleaseView } from "@flashline/contract";
import { Command } from "commander";
import { type ApiClient, apiClient, type ServerOptions, withServerOptions } from "../api.ts";
import type { Console } from "../console.ts";
import { examples } from "../examples.ts";
import { Refusal } from "../refusal.ts";
import { releaseText } from "./text.ts";

const WHICH = ["<release>", "PRODUCT@VERSION, or the release's id"] as const;

function show(console: Console, options: ServerOptions, release: ReleaseView): void {
  console.terminal.write(
    options.json ? `${JSON.stringify({ event: "release", ...release })}\n` : releaseText(release),
  );
}

export function promoteCommand(console: Console): Command {
  return withServerOptions(new Command("promote").argument(...WHICH))
    .addHelpText("after", examples("flashline release promote U2C@1.4.0"))
    .action(async (which: string, options: ServerOptions) => {
      const call = apiClient(console, options);
      const { id } = await findRelease(call, which);
      show(console, options, (await call("promote", { params: { id } })).body);
    });
}

export function revokeCommand(console: Console): Command {
  return withServerOptions(new Command("revoke").argument(...WHICH))
    .addHelpText(
      "after",
      examples('flashline release revoke U2C@1.4.0 --reason "wrong bootloader offset"'),
    )
    .requiredOption("--reason <text>", "why, for the audit trail")
    .action(async (which: string, options: ServerOptions & { readonly reason: string }) => {
      const call = apiClient(console, options);
      const { id } = await findRelease(call, which);
      const { reason } = options;
      show(console, options, (await call("revoke", { params: { id }, body: { reason } })).body);
    });
}

async function findRelease(call: ApiClient, which: string): Promise<{ readonly id: string }> {
  const at = which.lastIndexOf("@");
  if (at < 0) return { id: which };
  const product = which.slice(0, at);
  const version = which.slice(at + 1);
  const { body } = await call("releases", { query: { product } });
  const found = body.find((release) => release.version === version && release.product === product);
  if (found === undefined)
    throw new Refusal("request.not_found", `There is no release ${version} of ${product}.`, {
      exit: 1,
    });
  return found;
}
