import { SUBJECT_KINDS, WHO_KINDS } from "@flashline/contract";
import { Command, Option } from "commander";
import { apiClient, type ServerOptions, withServerOptions } from "../api.ts";
import { wholeNumber } from "../arguments.ts";
import type { Console } from "../console.ts";
import { defined } from "../defined.ts";
import { examples } from "../examples.ts";
import { showJson } from "../list.ts";
import { eventText } from "./text.ts";

interface Options extends ServerOptions {
  readonly kind?: string;
  readonly whoKind?: (typeof WHO_KINDS)[number];
  readonly who?: string;
  readonly subjectKind?: (typeof SUBJECT_KINDS)[number];
  readonly subject?: string;
  readonly from?: string;
  readonly to?: string;
  readonly limit: number;
  readonly after?: number;
}

/** What happened, the latest first. */
export function auditListCommand(console: Console): Command {
  return withServerOptions(new Command("list"))
    .description("what happened, who did it and why, the latest first")
    .option("--kind <kind>", "of this kind only, such as host.quarantined")
    .addOption(new Option("--who-kind <kind>", "by whom").choices(WHO_KINDS))
    .option("--who <name>", "by this one; needs --who-kind")
    .addOption(new Option("--subject-kind <kind>", "to what").choices(SUBJECT_KINDS))
    .option("--subject <name>", "to this one, such as a serial; an id needs --subject-kind")
    .option("--from <time>", "since then, such as 2026-11-28T06:00:00Z")
    .option("--to <time>", "before then")
    .option("--limit <n>", "so many", wholeNumber(1, 200), 50)
    .option(
      "--after <position>",
      "the list goes on behind this position",
      wholeNumber(0, 999_999_999_999_999),
    )
    .addHelpText(
      "after",
      examples(
        "flashline audit list --subject CA-100001",
        "flashline audit list --who-kind person --who berta --from 2026-11-28T06:00:00Z",
      ),
    )
    .action(async ({ server, token, json, ...asked }: Options) => {
      const call = apiClient(console, defined({ server, token, json }));
      const { body } = await call("audit", { query: defined(asked) });
      for (const event of body.events) {
        if (json) showJson(console, "entry", event);
        else console.terminal.write(eventText(event));
      }
      if (json) return;
      const more = body.next === null ? "" : `More with --after ${body.next}.\n`;
      console.terminal.write(body.events.length === 0 ? "None.\n" : more);
    });
}
