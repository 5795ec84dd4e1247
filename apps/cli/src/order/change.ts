import { RefusedError } from "@flashline/contract";
import { Command } from "commander";
import { apiClient, type ServerOptions, withServerOptions } from "../api.ts";
import { collect, wholeNumber } from "../arguments.ts";
import type { Console } from "../console.ts";
import { defined } from "../defined.ts";
import { examples } from "../examples.ts";
import { ExitCode } from "../exit.ts";
import { Refusal } from "../refusal.ts";
import { quantity } from "./add.ts";
import { showOrder } from "./text.ts";

const NUMBER = ["<number>", "the order's number or id"] as const;
const REASON = ["--reason <text>", "why, for everybody to read"] as const;

type AssignOptions = ServerOptions & {
  readonly priority?: number;
  readonly from?: string;
  readonly confirm?: true;
  readonly reason?: string;
};

export function assignCommand(console: Console): Command {
  const command = new Command("assign").argument(...NUMBER).argument("<stations...>", "stations");
  return withServerOptions(command)
    .option(
      "--priority <n>",
      "its place in their queues: the lowest first (100)",
      wholeNumber(0, 1000),
    )
    .option("--from <number>", "the order that they leave for it")
    .option("--confirm", "also where a station stops working on another order")
    .option(...REASON)
    .addHelpText(
      "after",
      examples(
        "flashline order assign WO-20419 L3-01 L3-02",
        'flashline order assign WO-20419 L3-01 --from WO-20418 --confirm --reason "rush order"',
      ),
    )
    .action(async (id: string, stations: string[], options: AssignOptions) => {
      const { priority, from, confirm, reason } = options;
      const body = defined({ stations, priority, from, confirm, reason });
      const answer = await apiClient(console, options)("setOrderStations", {
        params: { id },
        body,
      }).catch((error: unknown) => {
        if (!(error instanceof RefusedError) || error.refusal.code !== "order.unconfirmed")
          throw error;
        throw new Refusal("order.unconfirmed", error.refusal.message, {
          cause: error,
          exit: ExitCode.Fail,
          hint: "To do it all the same: --confirm.",
        });
      });
      showOrder(console, options, answer.body);
    });
}

type ReasonOptions = ServerOptions & { readonly reason?: string };

export function withdrawCommand(console: Console): Command {
  const command = new Command("withdraw").argument(...NUMBER).argument("<stations...>", "stations");
  return withServerOptions(command)
    .option(...REASON)
    .addHelpText("after", examples("flashline order withdraw WO-20418 L3-01"))
    .action(async (id: string, stations: string[], options: ReasonOptions) => {
      const call = apiClient(console, options);
      const query = defined({ reason: options.reason });
      for (const station of stations)
        await call("removeOrderStation", { params: { id, station }, query });
      showOrder(console, options, (await call("workOrder", { params: { id } })).body);
    });
}

export function quantityCommand(console: Console): Command {
  const command = new Command("quantity")
    .argument(...NUMBER)
    .argument("<n>", "how many units; not fewer than are used", quantity);
  return withServerOptions(command)
    .option(...REASON)
    .addHelpText("after", examples("flashline order quantity WO-20418 650"))
    .action(async (id: string, units: number, options: ReasonOptions) => {
      const body = defined({ quantity: units, reason: options.reason });
      const answer = await apiClient(console, options)("setOrderQuantity", {
        params: { id },
        body,
      });
      showOrder(console, options, answer.body);
    });
}

type MustReason = ServerOptions & { readonly reason: string };

export function releaseCommand(console: Console): Command {
  const command = new Command("release")
    .argument(...NUMBER)
    .argument("[version]", "a released release of its product; it follows no channel any more");
  return withServerOptions(command)
    .option("--channel <name>", "instead: a channel of its product, which it follows from now on")
    .requiredOption(...REASON)
    .addHelpText(
      "after",
      examples(
        'flashline order release WO-20418 2.8.2 --reason "fan runs backwards with 2.8.1"',
        'flashline order release WO-20418 --channel stable --reason "not by hand any more"',
      ),
    )
    .action(
      async (
        id: string,
        version: string | undefined,
        { reason, channel, ...options }: MustReason & { readonly channel?: string },
      ) => {
        if ((version === undefined) === (channel === undefined))
          throw new Refusal("usage.argument", "Say either a version or --channel.");
        const body = { reason, ...defined({ version, channel }) };
        const call = apiClient(console, options);
        const answer = await call("setOrderRelease", { params: { id }, body });
        showOrder(console, options, answer.body);
      },
    );
}

export function closeCommand(console: Console): Command {
  return withServerOptions(new Command("close").argument(...NUMBER))
    .addHelpText("after", examples("flashline order close WO-20418"))
    .action(async (id: string, options: ServerOptions) => {
      const call = apiClient(console, options);
      await call("closeWorkOrder", { params: { id } });
      showOrder(console, options, (await call("workOrder", { params: { id } })).body);
    });
}

export function reopenCommand(console: Console): Command {
  return withServerOptions(new Command("reopen").argument(...NUMBER))
    .option("--station <name>", "a station that works on it again; may be repeated", collect, [])
    .requiredOption(...REASON)
    .addHelpText(
      "after",
      examples('flashline order reopen WO-20418 --station L3-01 --reason "20 more ordered"'),
    )
    .action(async (id: string, options: MustReason & { readonly station: readonly string[] }) => {
      const body = { stations: [...options.station], reason: options.reason };
      const answer = await apiClient(console, options)("reopenWorkOrder", { params: { id }, body });
      showOrder(console, options, answer.body);
    });
}
