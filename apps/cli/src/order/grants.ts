import type { GrantView } from "@flashline/contract";
import { Command } from "commander";
import { apiClient, type ServerOptions, withServerOptions } from "../api.ts";
import type { Console } from "../console.ts";
import { defined } from "../defined.ts";
import { examples } from "../examples.ts";
import { type Columns, showList } from "../list.ts";

const COLUMNS: Columns<GrantView> = [
  ["GRANT", ({ id }) => id],
  ["ORDER", ({ order }) => order],
  ["STATION", ({ station }) => station],
  ["STATE", ({ state }) => state],
  ["TOLD", ({ used, units }) => `${used} of ${units}`],
  ["UNTIL", ({ until }) => until],
  ["ENDED", ({ endedBy, endReason }) => [endedBy, endReason].filter(Boolean).join(": ")],
];

type ListOptions = ServerOptions & { readonly station?: string; readonly all?: true };

/** Which stations keep units of orders for the time without the server. */
export const grantsCommand = (console: Console): Command =>
  withServerOptions(new Command("grants").argument("[number]", "of this order only"))
    .description("units that stations keep for the time without the server")
    .option("--station <name>", "of this station only")
    .option("--all", "also those that keep nothing any more")
    .addHelpText(
      "after",
      examples("flashline order grants", "flashline order grants WO-20418 --all"),
    )
    .action(async (order: string | undefined, options: ListOptions) => {
      const { station, all } = options;
      const query = defined({ order, station, open: all ? undefined : ("true" as const) });
      const { body } = await apiClient(console, options)("grants", { query });
      showList(console, options, "grant", body, COLUMNS);
    });

/** Frees the units of a station that does not come back. */
export const endGrantCommand = (console: Console): Command =>
  withServerOptions(new Command("end-grant").argument("<id>", "the grant's id"))
    .description("free the units that a station keeps which does not come back")
    .requiredOption("--reason <text>", "why, for everybody to read")
    .addHelpText("after", examples('flashline order end-grant 4f3c… --reason "the PC burnt"'))
    .action(async (id: string, options: ServerOptions & { readonly reason: string }) => {
      const { reason } = options;
      const call = apiClient(console, options);
      const { body } = await call("endGrant", { params: { id }, body: { reason } });
      showList(console, options, "grant", [body], COLUMNS);
    });
