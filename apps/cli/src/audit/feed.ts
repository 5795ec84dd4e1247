import { setTimeout as sleep } from "node:timers/promises";
import { RefusedError } from "@flashline/contract";
import { Command } from "commander";
import { type ApiClient, apiClient, type ServerOptions, withServerOptions } from "../api.ts";
import { wholeNumber } from "../arguments.ts";
import type { Console } from "../console.ts";
import { examples } from "../examples.ts";
import { showJson } from "../list.ts";
import { refusalOf } from "../refusal-of.ts";
import { eventText } from "./text.ts";

interface Options extends ServerOptions {
  readonly after?: number;
  readonly follow?: true;
}

const position = wholeNumber(0, 999_999_999_999_999);
/** Events that are asked for at once. */
const PAGE = 500;
/** The server answers after so long at the latest, milliseconds. */
const WAIT_MS = 20_000;
/** After so long a server that is away is asked again, milliseconds. */
const AWAY_MS = 2_000;
const FIRST_OF_5XX = 500;

/** A server that is restarted, or a network that is gone for a while: who follows waits for it. */
const isAway = (error: unknown): boolean =>
  error instanceof RefusedError
    ? error.status >= FIRST_OF_5XX
    : error instanceof TypeError && error.message === "fetch failed";

/** Behind the last event that there is. */
const headOf = async (call: ApiClient): Promise<number> =>
  (await call("feed", { query: { after: Number.MAX_SAFE_INTEGER, limit: 1 } })).body.head;

/** Events of the ledger in order and without a gap, from a position on. */
export function feedCommand(console: Console): Command {
  return withServerOptions(new Command("feed"))
    .description("events in order and without a gap, as programs read them")
    .option("--after <position>", "from the event behind this position on (default: all)", position)
    .option("--follow", "wait for further ones; without --after only those that come")
    .addHelpText(
      "after",
      examples("flashline audit feed --follow", "flashline audit feed --after 41200 --json"),
    )
    .action(async ({ follow, ...options }: Options) => {
      const call = apiClient(console, options);
      let after = options.after ?? (follow ? await headOf(call) : 0);
      const read = async (): Promise<number> => {
        const query = { after, limit: PAGE, ...(follow ? { waitMs: WAIT_MS } : {}) };
        const { events } = (await call("feed", { query })).body;
        for (const event of events) {
          if (options.json) showJson(console, "entry", event);
          else console.terminal.write(eventText(event));
          after = event.position;
        }
        return events.length;
      };
      if (!follow) {
        while ((await read()) === PAGE);
        return;
      }
      for (let isToldAway = false; ; ) {
        try {
          await read();
          isToldAway = false;
        } catch (error) {
          if (!isAway(error)) throw error;
          const { message } = await refusalOf(error);
          if (!isToldAway) console.terminal.writeError(`${message} Asking again.\n`);
          isToldAway = true;
          await sleep(AWAY_MS);
        }
      }
    });
}
