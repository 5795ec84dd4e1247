import { join } from "node:path";
import type { NoticeMessage } from "@flashline/contract";
import { hardwareIds, isOtherHardware } from "@flashline/usb-host";
import { startDoctorReports } from "../doctor/reports.ts";
import { createGolden } from "../golden/golden.ts";
import { grantsBeside } from "../golden/grants-beside.ts";
import { openStationGrants } from "../grants/station-grants.ts";
import { untoldRefusal } from "../grants/untold.ts";
import { createFixture } from "../hooks/fixture.ts";
import { abilitiesOf } from "../jobs/abilities.ts";
import { startAcquiring } from "../jobs/acquire.ts";
import { imageCache } from "../jobs/image-cache.ts";
import { createJobRunner } from "../jobs/job-runner.ts";
import { recoverAttempts } from "../jobs/recover.ts";
import { fileSnapshots } from "../jobs/snapshots.ts";
import { unwrittenResults } from "../jobs/unwritten.ts";
import { createLabels } from "../labels/labels.ts";
import { networkPrinter } from "../labels/printer.ts";
import { openLabelStore } from "../labels/store.ts";
import { openBadgeList } from "../people/badge-list.ts";
import { createPeople, type People } from "../people/people.ts";
import { createBoard } from "../station/board.ts";
import { createCounters } from "../station/counters.ts";
import { openCurrentSetup } from "../station/current-setup.ts";
import { createDecisions } from "../station/decisions.ts";
import { pinnedKeys } from "../station/identity.ts";
import { createLeadCalls } from "../station/lead-call.ts";
import { createOperator } from "../station/operator.ts";
import { startOutgoing } from "../station/outgoing.ts";
import { createPermission } from "../station/permission.ts";
import { publishedView } from "../station/published-view.ts";
import { startStatusReports } from "../station/report-status.ts";
import { openSeenResults } from "../station/seen.ts";
import { stationStatus } from "../station/status.ts";
import { stationView } from "../station/view.ts";
import { openTeacher, type TeachingPlace } from "../teach/teacher.ts";
import { workOf } from "../updates/idle.ts";
import { readUpdateKeys } from "../updates/keys.ts";
import { startUpdater } from "../updates/updater.ts";
import { AGENT_VERSION } from "../version.ts";
import type { StationOptions } from "./station-options.ts";

/** So long a label can be printed once more, milliseconds. */
const LABELS_KEPT_MS = 7 * 24 * 3_600_000;

/**
 * The parts of a station, each with those that it needs. They are open, what a crash left is put right, and the server is asked for jobs; time does not pass
 * for them yet.
 */
export async function openStationParts(options: StationOptions) {
  const { identity, dataDir, journal, clock, log, source } = options;
  const now = () => clock.now();
  const stopping = new AbortController();
  const hardware = hardwareIds();
  const elsewhere = isOtherHardware(identity.hardware, hardware);
  if (elsewhere) {
    log.error({ step: "start", station: identity.station }, "enrolled on another PC: run doctor");
  }
  const board = createBoard(now);
  const teacher = await openTeacher(dataDir, source, log);
  const setup = await openCurrentSetup(dataDir, board, teacher);
  const labelStore = await openLabelStore(join(dataDir, "labels"), log);
  // Before anybody can scan nothing waits for it.
  let jobOver = (): void => undefined;
  const outgoing = await startOutgoing({
    serverUrl: options.serverUrl,
    credential: identity.credential,
    dataDir,
    journal,
    labels: labelStore,
    board,
    log,
    onSettled: () => jobOver(),
  });
  const { link, delivery, transcripts } = outgoing;
  const onGivenBack = (): void => jobOver();
  const giveBackOptions = { link, journal, log, signal: stopping.signal, onGivenBack };
  const seen = await openSeenResults(join(dataDir, "seen.json"), log);
  const cache = imageCache(join(dataDir, "images"), options.cacheBytes);
  const abilities = abilitiesOf(source);
  const keys = () => pinnedKeys(dataDir);
  const grants = await openStationGrants({
    dataDir,
    identity,
    link,
    journal,
    cache,
    abilities,
    log,
    pinnedKeys: keys,
    setup: () => setup.get(),
    onChange: () => board.touch(),
  });
  const restored = await recoverAttempts(journal, seen, log, giveBackOptions, grants.free);
  seen.watch(board, journal);
  const notify = (message: NoticeMessage): void => board.notify(message);
  const place = () => ({ station: identity.station, timeZone: setup.get()?.timeZone });
  const labels = createLabels({
    store: labelStore,
    printer: options.printer === undefined ? undefined : networkPrinter(options.printer),
    board,
    log,
    notify,
    place,
    worker: () => people.worker,
    needsBadge: () => people.needsBadge,
    onEntry: () => outgoing.labelDelivery.wake(),
    onChange: () => board.touch(),
  });
  setup.whenKnown(() => {
    for (const { nest, serial, refusal } of restored) {
      board.dispatch(nest, { event: "restored", serial, refusal });
    }
    // An attempt that the journal has forgotten ended with the label's PASS: any other was found open, or is there.
    labels
      .restore((attemptId) => {
        const attempt = journal.get(attemptId);
        return attempt === undefined || attempt.summary?.outcome === "PASS";
      })
      .catch((err: unknown) => log.error({ err, step: "label" }, "labels wait for the next start"));
  });
  delivery.wake();

  const snapshots = fileSnapshots(join(dataDir, "snapshots"), log);
  const prune = async () => {
    await snapshots.prune(journal, options.snapshotMs);
    await labels.prune(new Date(Date.now() - LABELS_KEPT_MS).toISOString());
  };
  await prune();

  const unwritten = unwrittenResults({
    journal,
    log,
    signal: stopping.signal,
    onWritten: () => delivery.wake(),
  });
  const fixture = createFixture(options.hooks, log);
  const runner = createJobRunner({
    board,
    delivery,
    labels,
    giveBackOptions,
    tools: {
      link,
      journal,
      unwritten,
      cache,
      snapshots,
      transcripts,
      labels,
      source,
      clock,
      fixture,
      pinnedKeys: keys,
      place: () => ({ station: identity.station, plant: setup.get()?.plant }),
      log,
    },
  });
  const golden = createGolden({
    board,
    delivery,
    abilities,
    giveBackOptions,
    tools: {
      link,
      journal,
      unwritten,
      cache,
      transcripts,
      source,
      clock,
      fixture,
      log,
      pinnedKeys: keys,
      place: () => ({ station: identity.station, plant: setup.get()?.plant }),
    },
    setup: () => setup.get(),
    refused: (nest, jobId, refusal) => permission.refused(nest, jobId, refusal),
  });
  const ownGrants = grantsBeside(grants, golden);
  const badges = await openBadgeList(dataDir, log);
  const decisions = createDecisions({
    board,
    link,
    log,
    abilities,
    notify,
    worker: () => people.worker,
    askAgain: (nest, serial) => permission.ask(nest, serial),
    onChange: () => board.touch(),
  });
  const people: People = createPeople({
    badges,
    link,
    log,
    setup: () => setup.get(),
    notify,
    decides: (holder, content) => decisions.takes(holder, content),
    onChange() {
      permission.askAgain();
      board.touch();
    },
  });
  const permission = createPermission({
    board,
    link,
    log,
    abilities,
    grants: ownGrants,
    untold: (serial) => untoldRefusal(serial, journal),
    worker: () => people.worker,
  });
  jobOver = () => permission.jobOver();
  const operator = createOperator({
    abilities,
    board,
    link,
    log,
    permission,
    people,
    decisions,
    labels,
    now,
    way: options.way,
    scanKeptMs: options.scanKeptMs,
    setup: () => setup.get(),
    isUpdating: () => updater.blocks,
    grants: ownGrants,
    golden,
    runGranted: (place) => runner.take(place.job, place),
    cancelJob(nest) {
      runner.cancel(nest);
      golden.cancel(nest);
    },
  });
  const askAgain = (): void => {
    permission.askAgain();
    operator.askForOrders();
  };
  const calls = createLeadCalls({
    link,
    log,
    nests: () => board.nests(),
    onChange: () => board.touch(),
  });
  const acquirer = startAcquiring({
    link,
    log,
    onJob: (job) => runner.take(job),
    onEndedEarly() {
      status.setupChanged();
      askAgain();
    },
    freeNests: () =>
      board
        .nests()
        .filter(({ state }) => state !== "off" && state !== "busy")
        .map(({ name }) => name),
  });

  const teachingPlace = (): TeachingPlace => ({
    link,
    setup: setup.get(),
    nests: board.nests(),
    take: (told) => setup.take(told),
  });
  const status = startStatusReports({
    link,
    log,
    status: () => stationStatus(board.nests(), journal.undelivered().length, hardware),
    async onSetupChanged() {
      const heard = calls.asking();
      await setup.refresh(link, stopping.signal);
      await teacher.reconcile(teachingPlace(), stopping.signal);
      void people.refresh(stopping.signal);
      heard(setup.get()?.calls ?? []);
      upkeep.changed();
      askAgain();
    },
  });

  const updater = startUpdater({
    opened: options.updates,
    version: AGENT_VERSION,
    keys: async () => (await readUpdateKeys(options.updateKeys)).keys,
    wanted: () => setup.get()?.update ?? null,
    work: () => workOf(board.nests(), runner.running + journal.open().length),
    link,
    log,
    leave: options.leave,
    onChange() {
      if (!updater.blocks) permission.askAgain();
      board.touch();
    },
  });
  const upkeep = grants.startUpkeep();
  const doctor = startDoctorReports({ examine: options.examine, link, log });
  const counters = createCounters(journal, () => setup.get()?.timeZone);
  const published = publishedView(() =>
    stationView({
      station: identity.station,
      setup: setup.get(),
      connected: link.connected,
      grant: grants.view,
      queuedResults: journal.undelivered().length,
      setAside: outgoing.setAside(),
      counters: counters(),
      nests: board.nests(),
      next: operator.nextNest(),
      golden: golden.viewOf,
      notice: board.notice,
      call: calls.view,
      operator: people.worker?.name ?? null,
      decision: decisions.view,
      labelAsked: labels.asked,
      hasPrinter: options.printer !== undefined,
      badgeNeeded: people.needsBadge,
      elsewhere,
      badgePrefix: people.badgePrefix,
      way: options.way,
      kept: operator.kept,
      teach: teacher.view,
      virtual: options.virtual,
      update: updater.view,
    }),
  );

  return {
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
  };
}
