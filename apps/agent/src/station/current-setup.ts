import type { StationSetup } from "@flashline/contract";
import type { ServerLink } from "../server/link.ts";
import type { Teacher } from "../teach/teacher.ts";
import type { Board } from "./board.ts";
import { readSetup, saveSetup } from "./identity.ts";

export interface CurrentSetup {
  /** Undefined until the server has given one, in this life of the agent or an earlier one. */
  get(): StationSetup | undefined;
  /** What the server says now, which is kept for a start without it. */
  take(setup: StationSetup): Promise<void>;
  /** The board's nests are those of this PC as they are now. */
  apply(): void;
  /** Asks the server, and keeps what it says for a start without it. */
  refresh(link: ServerLink, signal: AbortSignal): Promise<void>;
  /** Calls back when the nests are known: now, or with the first setup. */
  whenKnown(listener: () => void): void;
}

/** What the server last said of this station; the board has its nests, where this PC has them. */
export async function openCurrentSetup(
  dataDir: string,
  board: Board,
  teacher: Pick<Teacher, "applied">,
): Promise<CurrentSetup> {
  let setup = await readSetup(dataDir);
  const apply = (): void => {
    if (setup !== undefined) board.applySetup(teacher.applied(setup));
  };
  apply();
  const waiting: (() => void)[] = [];
  async function take(told: StationSetup): Promise<void> {
    setup = told;
    apply();
    for (const listener of waiting.splice(0)) listener();
    await saveSetup(dataDir, told);
  }
  return {
    get: () => setup,
    take,
    apply,
    async refresh(link, signal) {
      const { body } = await link.call("setup", {}, { signal });
      await take(body);
    },
    whenKnown(listener) {
      if (setup === undefined) waiting.push(listener);
      else listener();
    },
  };
}
