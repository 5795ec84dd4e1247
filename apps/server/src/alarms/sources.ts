import { failures } from "./causes/failures.ts";
import { overdueGolden, wornGolden } from "./causes/golden.ts";
import { stuckVerdict, suspectHosts } from "./causes/hosts.ts";
import { linesBehind } from "./causes/lines.ts";
import type { Source } from "./causes/source.ts";
import {
  contradictions,
  keptGrants,
  silentStations,
  skewedClocks,
  stationsElsewhere,
  waitingResults,
} from "./causes/stations.ts";
import {
  deadLetters,
  expiringReleases,
  lowNumbers,
  lowOrders,
  webhooksFailing,
  webhooksOff,
} from "./causes/stock.ts";
import { failedUpdates } from "./causes/updates.ts";
import { lowYield } from "./causes/yield.ts";

/**
 * What is looked for again and again. Calls for the lead and a full disk are told by who knows of them.
 */
export const SOURCES: readonly Source[] = [
  failures,
  lowYield,
  linesBehind(),
  suspectHosts,
  stuckVerdict,
  contradictions,
  silentStations,
  stationsElsewhere,
  failedUpdates,
  waitingResults,
  skewedClocks,
  keptGrants,
  wornGolden,
  overdueGolden,
  lowOrders,
  lowNumbers,
  expiringReleases,
  webhooksOff,
  webhooksFailing,
  deadLetters,
];
