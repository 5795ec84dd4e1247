import type { LabelDecision, NestChange, OverrideAnswer } from "@flashline/contract";
import type { StationPage } from "../page/station-page.ts";
import type { ServerLink } from "../server/link.ts";
import { watchPorts } from "../station/watch-ports.ts";
import type { StationOptions } from "./station-options.ts";
import { openStationParts } from "./station-parts.ts";

export interface Station extends StationPage {
  readonly link: ServerLink;
  /** This version is healthy: a trial is over, and it may start units and stays. */
  confirmed(): Promise<void>;
  /** Ends all waiting, lets jobs that have erased come to their end, and keeps what was not delivered in the journal. */
  stop(): Promise<void>;
}

/** How often time passes for the nests, milliseconds; a nest arms 1.5 s after its port emptied. */
const TICK_MS = 250;
/** The server tells when badges have changed; this keeps the list from growing old meanwhile. */
const BADGES_EVERY_MS = 3_600_000;
const PRUNE_EVERY_MS = 24 * 3_600_000;

/** Everything that runs on a line PC, put together and kept going. */
export async function startStation(options: StationOptions): Promise<Station> {
  const parts = await openStationParts(options);
  const { board, golden, link, operator, people, status, updater, upkeep } = parts;
  let reached = link.connected;
  board.subscribe(() => {
    parts.published.changed();
    parts.acquirer.changed();
    status.changed();
    updater.changed();
    if (link.connected && !reached) {
      parts.askAgain();
      upkeep.changed();
    }
    reached = link.connected;
    // Not within the change that it follows from.
    queueMicrotask(() => operator.look());
    if (parts.journal.undelivered().length === 0) upkeep.delivered();
  });

  const watch = watchPorts(parts.source, parts.teacher, board, () => {
    parts.setup.apply();
    status.setupChanged();
  });
  const ticking = setInterval(() => {
    board.tick();
    operator.look();
    golden.tick();
    people.tick();
  }, TICK_MS);
  const askingForBadges = setInterval(
    () => void people.refresh(parts.stopping.signal),
    BADGES_EVERY_MS,
  );
  const pruning = setInterval(() => {
    parts.prune().catch((err: unknown) => parts.log.warn({ err, step: "prune" }, "old files stay"));
  }, PRUNE_EVERY_MS);

  /** Whoever does something stays logged in. */
  const byHand =
    <A extends readonly unknown[]>(act: (...given: A) => void) =>
    (...given: A): void => {
      people.acted();
      act(...given);
    };

  return {
    link,
    confirmed: () => updater.confirmed(),
    view: parts.published.view,
    subscribe: parts.published.subscribe,
    scan: byHand((text: string) => operator.scan(text)),
    start: byHand((nest: string | undefined) => operator.start(nest)),
    acknowledge: byHand((nest: string) => operator.acknowledge(nest)),
    decide: byHand((answer: OverrideAnswer | null) => parts.decisions.decide(answer)),
    askLabel: byHand((nest: string | null) => parts.labels.ask(nest)),
    decideLabel: byHand((decision: LabelDecision | null) => parts.labels.decide(decision)),
    callLead: byHand(() => parts.calls.call()),
    endCall: byHand(() => parts.calls.end()),
    changeNests: (change: NestChange) => parts.teacher.change(change, parts.teachingPlace()),
    doctor: () => parts.doctor.look(),
    resend: () => parts.outgoing.resend(),
    async stop() {
      clearInterval(ticking);
      clearInterval(pruning);
      clearInterval(askingForBadges);
      await parts.acquirer.stop();
      for (const { name } of board.nests()) parts.runner.cancel(name);
      golden.cancel();
      await parts.runner.idle();
      await golden.idle();
      await parts.fixture.idle();
      await parts.labels.stop();
      await parts.transcripts.idle();
      parts.stopping.abort();
      await updater.stop();
      await Promise.all([
        status.stop(),
        parts.doctor.stop(),
        parts.outgoing.stop(),
        upkeep.stop(),
        watch.close(),
      ]);
      await parts.seen.idle();
      parts.calls.close();
      parts.published.close();
    },
  };
}
