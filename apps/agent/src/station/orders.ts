import { type AgentAbility, FlashlineError } from "@flashline/contract";
import type { Logger } from "pino";
import { v7 as uuid7 } from "uuid";
import type { ReadyNest, StartingNest } from "../nests/nest.ts";
import type { People } from "../people/people.ts";
import { namedOperator } from "../people/worker.ts";
import type { ServerLink } from "../server/link.ts";
import { isAway, mayBeRepeated, refusalFrom, refusalOf } from "../server/refusal.ts";
import type { Board } from "./board.ts";
import type { Golden } from "./golden.ts";
import type { Grants, TakenPlace } from "./granted.ts";
import { PATIENCE_MS, type Permission } from "./permission.ts";

/** The job of a unit that is started: ordered from the server, or run under the grant while the server is away. */
export interface Orders {
  /** Returns at once; the nest shows the job, or why no job came. */
  place(nest: ReadyNest): void;
  /** What became of the jobs that were ordered and are not here yet is asked: one that was called off never comes. */
  askAgain(): void;
}

export interface OrderOptions {
  readonly board: Board;
  readonly link: ServerLink;
  readonly log: Logger;
  readonly permission: Permission;
  readonly people: People;
  /** What this station can do for a release. */
  readonly abilities: readonly AgentAbility[];
  /** For a unit whose order the server does not hear of. */
  readonly grants: Pick<Grants, "view" | "take">;
  readonly runGranted: (place: TakenPlace) => void;
  /** Golden units check nests: their START is no order. */
  readonly golden?: Pick<Golden, "isGolden" | "start" | "cancel">;
}

/** How long an ordered job may take to arrive, milliseconds of wall time. */
const ORDER_DEADLINE_MS = 30_000;

export function createOrders(options: OrderOptions): Orders {
  const { board, link, log, permission, people, abilities, grants, runGranted } = options;

  /** The same order again is answered with what became of it. */
  async function placed(
    { name, serial }: ReadyNest | StartingNest,
    jobId: string,
    operator: StartingNest["operator"],
  ): Promise<void> {
    const order = { jobId, serial, nest: name, abilities, ...namedOperator(operator) };
    // Who may go on without the server waits for it no longer than for its word on a scan.
    const waits = grants.view === null ? {} : { timeoutMs: PATIENCE_MS };
    const { body } = await link.call("createJob", { body: order }, waits);
    if (body.state !== "CANCELLED") return;
    const refusal = refusalFrom("attempt.cancelled", "The server called the job off.");
    permission.refused(name, jobId, refusal);
    // It says why.
    permission.ask(name, serial);
  }

  async function order(nest: ReadyNest): Promise<void> {
    const { name } = nest;
    const operator = people.worker;
    if (options.golden?.isGolden(nest.serial) === true) {
      options.golden.start(nest, operator);
      return;
    }
    // Nobody waits for a server that was away a moment ago.
    const asksServer = link.connected || grants.view === null;
    // The server may be back since the unit was let through here.
    if (asksServer && permission.withholdUntold(name, nest.serial)) return;
    const jobId = uuid7();
    board.dispatch(name, { event: "ordered", jobId, operator });
    try {
      if (asksServer) await placed(nest, jobId, operator);
      else throw new FlashlineError("agent.offline");
    } catch (error) {
      if (isAway(error) && grants.view !== null) await orderHere(nest, jobId, operator);
      else permission.refused(name, jobId, refusalOf(error));
      return;
    }
    const late = setTimeout(() => {
      const refusal = refusalFrom("agent.offline", "The job did not arrive in time.");
      if (board.nest(name)?.state === "starting") {
        board.dispatch(name, { event: "stopped", jobId, refusal });
      }
    }, ORDER_DEADLINE_MS);
    late.unref();
  }

  /**
   * The unit is flashed under the grant, as a job of its own: the server may have heard of the one that was ordered, which is given back when it comes. What
   * the person did meanwhile counts.
   */
  async function orderHere(
    { name, serial }: ReadyNest,
    ordered: string,
    operator: StartingNest["operator"],
  ): Promise<void> {
    const waits = (): boolean => {
      const nest = board.nest(name);
      return nest?.state === "starting" && nest.jobId === ordered;
    };
    if (!waits()) return;
    const jobId = uuid7();
    let place: TakenPlace;
    try {
      place = await grants.take(jobId, serial, name);
    } catch (error) {
      permission.refused(name, ordered, refusalOf(error));
      return;
    }
    if (!waits()) {
      return await place.free().catch((error: unknown) => {
        // Its place stays taken, which loses no unit and lets none through.
        log.error({ err: error, step: "grant", jobId }, "the place could not be freed");
      });
    }
    permission.refused(name, ordered, refusalFrom("agent.offline"));
    board.dispatch(name, { event: "allowed", serial });
    board.dispatch(name, { event: "ordered", jobId, operator });
    runGranted(place);
  }

  return {
    place: (nest) => void order(nest),
    askAgain() {
      for (const nest of board.nests()) {
        if (nest.state !== "starting") continue;
        placed(nest, nest.jobId, nest.operator).catch((error: unknown) => {
          if (mayBeRepeated(error)) return;
          permission.refused(nest.name, nest.jobId, refusalOf(error));
        });
      }
    },
  };
}
