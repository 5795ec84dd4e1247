import { alarmsFeature } from "./alarms/feature.ts";
import { auditFeature } from "./audit/feature.ts";
import { authFeature } from "./auth/feature.ts";
import { badgesFeature } from "./badges/feature.ts";
import { channelsFeature } from "./channels/feature.ts";
import { controllersFeature } from "./controllers/feature.ts";
import { exceptionsFeature } from "./exceptions/feature.ts";
import type { Feature } from "./feature.ts";
import { goldenFeature } from "./golden/feature.ts";
import { scanGolden } from "./golden/open.repository.ts";
import { grantsFeature } from "./grants/feature.ts";
import { grantKeyText } from "./grants/key.ts";
import { guardFeature } from "./guard/feature.ts";
import { holdsFeature } from "./holds/feature.ts";
import type { App } from "./http/server.ts";
import { imagesFeature } from "./images/feature.ts";
import { insightFeature } from "./insight/feature.ts";
import { jobsFeature } from "./jobs/feature.ts";
import { settledUnit } from "./jobs/settled.repository.ts";
import { judgingFeature } from "./judging/feature.ts";
import { keysFeature } from "./keys/feature.ts";
import { labelsFeature } from "./labels/feature.ts";
import { liveFeature } from "./live/feature.ts";
import { mailFeature } from "./mail/feature.ts";
import { metricsFeature } from "./metrics/feature.ts";
import { moveFeature } from "./move/feature.ts";
import { operatorsFeature } from "./operators/feature.ts";
import { ordersFeature } from "./orders/feature.ts";
import { overridesFeature } from "./overrides/feature.ts";
import { pacingFeature } from "./pacing/feature.ts";
import { peopleFeature } from "./people/feature.ts";
import { planFeature } from "./plan/feature.ts";
import { plantsFeature } from "./plants/feature.ts";
import type { Platform } from "./platform.ts";
import { productsFeature } from "./products/feature.ts";
import { providerFeature } from "./provider/feature.ts";
import type { JobHandlers, PeriodicTask } from "./queue/jobs.ts";
import { releasesFeature } from "./releases/feature.ts";
import { revokeOn } from "./releases/revoke.ts";
import { reworkFeature } from "./rework/feature.ts";
import { stationsFeature } from "./stations/feature.ts";
import { tokensFeature } from "./tokens/feature.ts";
import { traceFeature } from "./trace/feature.ts";
import { transcriptsFeature } from "./transcripts/feature.ts";
import { unitsFeature } from "./units/feature.ts";
import { valuesFeature } from "./values/feature.ts";
import { webhooksFeature } from "./webhooks/feature.ts";
import { yieldFeature } from "./yield/feature.ts";

export interface Features {
  readonly handlers: JobHandlers;
  readonly tasks: readonly PeriodicTask[];
  start(): void;
  preClose(): Promise<void>;
  close(): Promise<void>;
}

/** Registers every folder's routes. A queue without a handler does not compile. */
export function registerFeatures(app: App, platform: Platform): Features {
  const releases = releasesFeature(app, platform);
  const grants = grantsFeature(app, platform);
  const jobs = jobsFeature(app, platform, grants.orderShort, (stationId, scan) =>
    scanGolden(platform.db, stationId, scan),
  );
  const holds = holdsFeature(app, platform, jobs.callOffHeld);
  const insight = insightFeature(app, platform);
  const alarms = alarmsFeature(app, platform);
  const all: readonly Omit<Feature, "handlers">[] = [
    metricsFeature(app, platform),
    authFeature(app, platform),
    providerFeature(app, platform),
    peopleFeature(app, platform),
    tokensFeature(app, platform),
    badgesFeature(app, platform),
    plantsFeature(app, platform),
    stationsFeature(app, platform, alarms.openCalls, grantKeyText(platform.vault)),
    operatorsFeature(app, platform),
    keysFeature(app, platform, revokeOn),
    productsFeature(app, platform),
    labelsFeature(app, platform),
    unitsFeature(app, platform),
    ordersFeature(app, platform),
    channelsFeature(app, platform),
    exceptionsFeature(app, platform, revokeOn),
    grants,
    holds,
    guardFeature(app, platform, holds.setHold),
    goldenFeature(app, platform, holds.setHold),
    reworkFeature(app, platform),
    overridesFeature(app, platform),
    imagesFeature(app, platform),
    releases,
    jobs,
    liveFeature(app, platform),
    insight,
    judgingFeature(app, platform),
    pacingFeature(app, platform),
    valuesFeature(app, platform, settledUnit),
    transcriptsFeature(app, platform),
    traceFeature(app, platform),
    yieldFeature(app, platform),
    controllersFeature(app, platform),
    planFeature(app, platform),
    moveFeature(app, platform),
    auditFeature(app, platform),
    alarms,
    webhooksFeature(app, platform),
    mailFeature(app, platform),
  ];
  const tasks = all.flatMap((feature) => feature.tasks ?? []);
  return {
    handlers: {
      ...releases.handlers,
      ...jobs.handlers,
      ...insight.handlers,
      async maintenance(named) {
        for (const { task } of named) await tasks.find(({ name }) => name === task)?.run();
      },
    } satisfies JobHandlers,
    tasks,
    start() {
      for (const feature of all) feature.start?.();
    },
    async preClose() {
      await Promise.all(all.map((feature) => feature.preClose?.()));
    },
    async close() {
      await Promise.all(all.map((feature) => feature.close?.()));
    },
  };
}
