import type { AgentAbility, Code, NestRefusal, PreflightAnswer } from "@flashline/contract";
import type { Logger } from "pino";
import type { Nest } from "../nests/nest.ts";
import { namedOperator, type Worker } from "../people/worker.ts";
import type { ServerLink } from "../server/link.ts";
import {
  isAway,
  mayBeRepeated,
  refusalFrom,
  refusalFromServer,
  refusalOf,
} from "../server/refusal.ts";
import type { Board } from "./board.ts";
import type { Grants } from "./granted.ts";

/** Whether a scanned unit may start, as the server says. */
export interface Permission {
  /** Returns at once; the answer shows at the nest. */
  ask(nest: string, serial: string): void;
  /** The start is refused before the server is asked, until it may have changed. */
  withhold(nest: string, serial: string, refusal: NestRefusal): void;
  /** Refuses an order for a unit of which the server lacks a result of a time without it. False where it has all of them. */
  withholdUntold(nest: string, serial: string): boolean;
  /** The server refused the start itself. */
  refused(nest: string, jobId: string, refusal: NestRefusal): void;
  /**
   * What the server decided by may have changed: it is asked again for units that it refused and for those that may start. A unit that was
   * refused here, at the wire, stays refused.
   */
  askAgain(): void;
  /** The server has heard that a job of this station is over: it is asked again for units that it refused because of a job. */
  jobOver(): void;
}

export interface PermissionOptions {
  readonly board: Board;
  readonly link: ServerLink;
  readonly log: Logger;
  /** What this station can do for a release. */
  readonly abilities: readonly AgentAbility[];
  /** Asked while the server is away. */
  readonly grants: Pick<Grants, "ask" | "view">;
  /** What keeps a unit from starting that the server cannot know yet: its result of a time without the server waits here. */
  readonly untold?: (serial: string) => Code | undefined;
  /** Who is logged in; undefined where the server takes no operator. */
  readonly worker: () => Worker | null | undefined;
}

/** The server says so while it believes that the nest, or the unit, is in work. */
const IN_WORK: readonly string[] = ["preflight.nest_busy", "preflight.busy"];

/** Who may go on without the server does not wait for it as long as others, milliseconds. */
export const PATIENCE_MS = 3_000;

export function createPermission({
  board,
  link,
  log,
  abilities,
  grants,
  untold = () => undefined,
  worker,
}: PermissionOptions): Permission {
  /** The refusals that the server decides, by nest. */
  const byServer = new Map<string, NestRefusal>();
  const asking = new Set<string>();

  /** Of a unit that was refused at the wire since, the server's answer says nothing. */
  const isOvertaken = (name: string): boolean => {
    const nest = board.nest(name);
    return nest?.state === "refused" && byServer.get(name) !== nest.refusal;
  };

  function refuse(nest: string, serial: string, refusal: NestRefusal): void {
    if (isOvertaken(nest)) return;
    byServer.set(nest, refusal);
    board.dispatch(nest, { event: "refused", serial, refusal });
    log.info({ nest, step: "preflight", code: refusal.code, serial }, "not allowed to start");
  }

  /** Asked again when somebody else works here by the time of the answer. */
  async function answered(nest: string, serial: string): Promise<PreflightAnswer> {
    for (;;) {
      const operator = worker()?.id;
      const body = { serial, nest, abilities, ...namedOperator(worker()) };
      const answer = await link.call(
        "preflight",
        { body },
        grants.view === null ? {} : { timeoutMs: PATIENCE_MS },
      );
      if (worker()?.id === operator) return answer.body;
    }
  }

  /** `keeps`: an answer that does not come changes nothing. */
  async function ask(nest: string, serial: string, keeps: boolean): Promise<void> {
    try {
      const body = await answered(nest, serial);
      const against = untold(serial);
      if (!body.go) refuse(nest, serial, refusalFromServer(body));
      else if (against !== undefined) refuse(nest, serial, refusalFrom(against));
      else if (!isOvertaken(nest)) board.dispatch(nest, { event: "allowed", serial });
    } catch (error) {
      if (keeps && mayBeRepeated(error)) return;
      const own = isAway(error) ? grants.ask(serial, nest) : ({ kind: "none" } as const);
      if (own.kind !== "may") {
        refuse(nest, serial, refusalOf(own.kind === "refused" ? own.error : error));
      } else if (!isOvertaken(nest)) board.dispatch(nest, { event: "allowed", serial });
    }
  }

  const mayHaveChanged = (nest: Nest): nest is Extract<Nest, { state: "ready" | "refused" }> =>
    nest.state === "ready" ||
    (nest.state === "refused" && byServer.get(nest.name) === nest.refusal);

  function again(
    nests: readonly Pick<Extract<Nest, { state: "ready" }>, "name" | "serial">[],
  ): void {
    for (const { name, serial } of nests) {
      if (asking.has(name)) continue;
      asking.add(name);
      void ask(name, serial, true).finally(() => asking.delete(name));
    }
  }

  return {
    ask: (nest, serial) => void ask(nest, serial, false),
    withhold: refuse,
    withholdUntold(nest, serial) {
      const against = untold(serial);
      if (against !== undefined) refuse(nest, serial, refusalFrom(against));
      return against !== undefined;
    },
    refused(nest, jobId, refusal) {
      byServer.set(nest, refusal);
      board.dispatch(nest, { event: "stopped", jobId, refusal });
    },
    askAgain: () => again(board.nests().filter(mayHaveChanged)),
    jobOver() {
      const waits = (nest: Nest) => nest.state === "refused" && IN_WORK.includes(nest.refusal.code);
      again(board.nests().filter(mayHaveChanged).filter(waits));
    },
  };
}
