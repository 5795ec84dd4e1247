import type { LabelDecision, NestChange, OverrideAnswer } from "@flashline/contract";
import type { StationPage } from "../page/station-page.ts";
import type { ServerLink } from "../server/link.ts";
import { watchPorts } from "../station/watch-ports.ts";
import { openStationParts, type StationOptions } from "./station-parts.ts";

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
  const {
    acquirer,
    askAgain,
    board,
    calls,
    decisions,
    doctor,
    fixture,
    golden,
    journal,
    labels,
    link,
    log,
    operator,
    outgoing,
    people,
    prune,
    published,
    runner,
    seen,
    setup,
    source,
    status,
    stopping,
    teacher,
    teachingPlace,
    transcripts,
    updater,
    upkeep,
  } = await openStationParts(options);
  let reached = link.connected;
  board.subscribe(() => {
    published.changed();
    acquirer.changed();
    status.changed();
    updater.changed();
    if (link.connected && !reached) {
      askAgain();
      upkeep.changed();
    }
    reached = link.connected;
    // Not within the change that it follows from.
    queueMicrotask(() => operator.look());
    if (journal.undelivered().length === 0) upkeep.delivered();
  });

  const watch = watchPorts(source, teacher, board, () => {
    setup.apply();
    status.setupChanged();
  });
  const ticking = setInterval(() => {
    board.tick();
    operator.look();
    golden.tick();
    people.tick();
  }, TICK_MS);
  const askingForBadges = setInterval(() => void people.refresh(stopping.signal), BADGES_EVERY_MS);
  const pruning = setInterval(() => {
    prune().catch((err: unknown) => log.warn({ err, step: "prune" }, "old files stay"));
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
    view: published.view,
    subscribe: published.subscribe,
    scan: byHand((text: string) => operator.scan(text)),
    start: byHand((nest: string | undefined) => operator.start(nest)),
    acknowledge: byHand((nest: string) => operator.acknowledge(nest)),
    decide: byHand((answer: OverrideAnswer | null) => decisions.decide(answer)),
    askLabel: byHand((nest: string | null) => labels.ask(nest)),
    decideLabel: byHand((decision: LabelDecision | null) => labels.decide(decision)),
    callLead: byHand(() => calls.call()),
    endCall: byHand(() => calls.end()),
    changeNests: (change: NestChange) => teacher.change(change, teachingPlace()),
    doctor: () => doctor.look(),
    resend: () => outgoing.resend(),
    async stop() {
      clearInterval(ticking);
      clearInterval(pruning);
      clearInterval(askingForBadges);
      await acquirer.stop();
      for (const { name } of board.nests()) runner.cancel(name);
      golden.cancel();
      await runner.idle();
      await golden.idle();
      await fixture.idle();
      await labels.stop();
      await transcripts.idle();
      stopping.abort();
      await updater.stop();
      await Promise.all([
        ...[status.stop(), doctor.stop(), outgoing.stop(), upkeep.stop()],
        watch.close(),
      ]);
      await seen.idle();
      calls.close();
      published.close();
    },
  };
}
