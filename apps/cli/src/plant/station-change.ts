import type { StationMove } from "@flashline/contract";
import { Command } from "commander";
import { apiClient, type ServerOptions, withServerOptions } from "../api.ts";
import type { Console } from "../console.ts";
import { defined } from "../defined.ts";
import { examples } from "../examples.ts";
import { showJson, showList } from "../list.ts";
import { Refusal } from "../refusal.ts";

type MoveOptions = ServerOptions & {
  readonly line: string;
  readonly plant?: string;
  readonly keepOrders?: true;
  readonly dryRun?: true;
  readonly reason?: string;
};

function moveText({ station, from, to, orders, hold }: StationMove, keeps: boolean): string {
  const queue = orders.map(({ number, product, inWork }) => {
    const finish = inWork === 0 ? "" : `; ${inWork} in work finish`;
    return `  ${keeps ? "keeps" : "leaves"} ${number} (${product})${finish}\n`;
  });
  return [
    `${station}: ${from.line} of ${from.plant} to ${to.line} of ${to.plant}\n`,
    ...queue,
    hold === null ? "" : `  the line is paused (${hold}): it takes no units there\n`,
    "  what it made stays counted where it was made\n",
  ].join("");
}

const reasonOf = (reason = ""): string => {
  if (reason.trim() !== "") return reason;
  throw new Refusal("usage.argument", 'Why? Say --reason "…".', { hint: "" });
};

/** Moves a station to another line, or says what that means. */
export const moveStationCommand = (console: Console): Command =>
  withServerOptions(new Command("move").argument("<name>", "the station"))
    .description("move a station to another line; what it made stays where it was made")
    .requiredOption("--line <name>", "the line that it is in then")
    .option("--plant <name>", "the line's plant, where several have a line of this name")
    .option("--keep-orders", "its open orders stay in its queue; else they are taken off")
    .option("--dry-run", "what it means; nothing is changed")
    .option("--reason <text>", "why, for the ledger")
    .addHelpText(
      "after",
      examples(
        "flashline station move L3-04 --line L4 --dry-run",
        'flashline station move L3-04 --line L4 --reason "L4 gets a second place"',
      ),
    )
    .action(async (id: string, options: MoveOptions) => {
      const call = apiClient(console, options);
      const keeps = options.keepOrders === true;
      const to = defined({ line: options.line, plant: options.plant });
      const { body } = options.dryRun
        ? await call("previewMove", { params: { id }, query: to })
        : await call("moveStation", {
            params: { id },
            body: {
              ...to,
              orders: keeps ? "keep" : "take-off",
              reason: reasonOf(options.reason),
            },
          });
      if (options.json) return showJson(console, "move", body);
      console.terminal.write(moveText(body, keeps));
    });

/** Ends what a station's PC comes in with. */
export const revokeStationCommand = (console: Console): Command =>
  withServerOptions(new Command("revoke").argument("<name>", "the station"))
    .description("let a station's PC in no more; the station and its history stay")
    .requiredOption("--reason <text>", "why, for the ledger")
    .addHelpText("after", examples('flashline station revoke L3-04 --reason "PC is scrap"'))
    .action(async (id: string, options: ServerOptions & { readonly reason: string }) => {
      const { reason } = options;
      await apiClient(console, options)("revokeStation", { params: { id }, body: { reason } });
      if (options.json) return showJson(console, "revoked", { station: id });
      console.terminal.write(`${id} is not let in any more. Its history stays.\n`);
    });

/** What a station's doctor found last. */
export const stationDoctorCommand = (console: Console): Command =>
  withServerOptions(new Command("doctor").argument("<name>", "the station"))
    .description("what a station's doctor found last")
    .addHelpText("after", examples("flashline station doctor L3-04"))
    .action(async (id: string, options: ServerOptions) => {
      const { body } = await apiClient(console, options)("stationDoctor", { params: { id } });
      showList(console, options, "finding", body.findings, [
        ["LEVEL", ({ level }) => level],
        ["WHAT", ({ name }) => name],
        ["SAYS", ({ sentence }) => sentence],
      ]);
    });
