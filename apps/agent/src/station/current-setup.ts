import type { StationSetup } from "@flashline/contract";
import type { ServerLink } from "../server/link.ts";
import type { Board } from "./board.ts";
import { readSetup, saveSetup } from "./identity.ts";

export interface CurrentSetup {
  /** Undefined until the server has given one, in this life of the agent or an earlier one. */
  get(): StationSetup | undefined;
  /** Asks the server, and keeps what it says for a start without it. */
  refresh(link: ServerLink, signal: AbortSignal): Promise<void>;
  /** Calls back when the nests are known: now, or with the first setup. */
  whenKnown(listener: () => void): void;
}

/** What the server last said of this station; the board has its nests. */
export async function openCurrentSetup(dataDir: string, board: Board): Promise<CurrentSetup> {
  let setup = await readSetup(dataDir);
  if (setup !== undefined) board.applySetup(setup);
  const waiting: (() => void)[] = [];
  return {
    get: () => setup,
    async refresh(link, signal) {
      const { body } = await link.call("setup", {}, { signal });
      setup = body;
      board.applySetup(body);
      for (const listener of waiting.splice(0)) listener();
      await saveSetup(dataDir, body);
    },
    whenKnown(listener) {
      if (setup === undefined) waiting.push(listener);
      else listener();
    },
  };
}
