import type { ServerResponse } from "node:http";
import { LIVE_PATH, type LiveEvent, OPERATOR_RULES } from "@flashline/contract";
import type { Connect, Plugin } from "vite";
import { attempts, units } from "./data/attempts.ts";
import { share } from "./data/basics.ts";
import { deeds } from "./data/deeds.ts";
import { report } from "./data/doctor.ts";
import { dossierOf } from "./data/dossier.ts";
import { goldenChecks, goldenEffect, goldenNests, goldenUnits, hostGolden } from "./data/golden.ts";
import { hosts } from "./data/hosts.ts";
import { guard, pacing, profileEffect, repairEffect } from "./data/pacing.ts";
import { ownSessions } from "./data/people.ts";
import { dryRun, radius } from "./data/reach.ts";
import { releases } from "./data/releases.ts";
import { stations } from "./data/stations.ts";
import { yieldOf } from "./data/today.ts";
import { verdicts } from "./data/verdicts.ts";
import { MANAGE_ANSWERS } from "./manage-answers.ts";

type Answer = (id: string, query: URLSearchParams, what: string) => unknown;

const releaseOf = (id: string) =>
  id === "" ? releases : releases.find((release) => release.id === id);
/** Of a release its difference to the one before it too. */
function releaseYield(query: URLSearchParams) {
  const view = yieldOf(query);
  if (query.get("against") !== "release-before") return view;
  const difference = { value: 0.004, low: -0.011, high: 0.018, strata: 3, n: 18, nBefore: 74 };
  const yields = { firstPass: share(411, 424), productFirstPass: share(418, 424) };
  const { from, to } = view;
  return {
    ...view,
    comparison: {
      from,
      to,
      release: "2.8.1",
      ...yields,
      difference,
      productDifference: difference,
    },
  };
}
const OPERATORS = {
  own: { badgePrefix: null, required: true, idleMinutes: null, shiftEnd: null },
  rules: { ...OPERATOR_RULES, required: true },
};

const moveOf = (station: string) => ({
  station,
  from: { plant: "Graz", line: "Line 3" },
  to: { plant: "Graz", line: "Rework" },
  orders: [{ number: "WO-20418", product: "MC-2", inWork: 2 }],
  hold: null,
});

const ANSWERS: Readonly<Record<string, Answer>> = {
  session: (id) => (id === "all" ? ownSessions : { name: "dana", role: "admin" }),
  yield: (_id, query) => releaseYield(query),
  stations: (id, _query, what) => {
    if (what === "move") return moveOf(id);
    if (what === "doctor") return { station: id, receivedAt: report.at, ...report };
    return what === "operators" ? OPERATORS : stations;
  },
  hosts: (_id, query, what) => {
    if (what === "pacing") return pacing;
    if (what === "golden") return hostGolden;
    if (what === "repairs") return repairEffect;
    if (what === "profile") return profileEffect(query.get("profile"));
    return what === "verdicts" ? verdicts : hosts;
  },
  units: (id, query, what) => {
    if (what === "dossier") return dossierOf(id);
    if (id !== "") return units.find((unit) => unit.id === id);
    const [text, state] = [query.get("search")?.toUpperCase() ?? "", query.get("state")];
    return units.filter(
      (unit) => unit.serial.includes(text) && (state === null || unit.state === state),
    );
  },
  attempts: (id, query) => {
    if (id !== "") return attempts.find((attempt) => attempt.id === id);
    return attempts
      .filter((attempt) => [null, attempt.outcome].includes(query.get("outcome") as "PASS" | null))
      .filter((attempt) => [null, attempt.hostId].includes(query.get("host")))
      .filter((attempt) => [null, attempt.operator?.id].includes(query.get("operator")))
      .slice(0, Number(query.get("limit") ?? 50));
  },
  releases: (id, _query, what) => {
    if (what === "dry-run") return dryRun;
    if (what === "radius") return radius;
    return releaseOf(id);
  },
  ...MANAGE_ANSWERS,
  "golden-units": () => goldenUnits,
  "golden-nests": () => goldenNests,
  "golden-checks": () => goldenChecks,
  "golden-runs": (_id, query) => goldenEffect(Number(query.get("times"))),
  plants: (id, query, what) =>
    what === "golden-rule"
      ? { every: "shift", hours: 24, overdue: "warn" }
      : what === "guard"
        ? guard
        : MANAGE_ANSWERS["plants"]?.(id, query, what),
  // What was done to hosts and releases meanwhile, beside a chart.
  audit: (id, query, what) =>
    query.has("kind")
      ? { events: deeds(query.get("kind")), next: null, unsealed: 0 }
      : MANAGE_ANSWERS["audit"]?.(id, query, what),
};

/** Answers the dashboard's requests with invented data; its events move one nest's bar, so that live parts are seen alive. */
export function dashboardFixture(): Plugin {
  const streams = new Set<ServerResponse>();
  let tick = 0;
  setInterval(() => {
    tick += 1;
    const station = stations[0];
    if (station === undefined) return;
    const nests = station.nests.map((nest) =>
      nest.state === "busy" ? { ...nest, fraction: (tick % 20) / 20 } : nest,
    );
    const event: LiveEvent = { type: "station", station: { ...station, nests } };
    for (const stream of streams) stream.write(`data: ${JSON.stringify(event)}\n\n`);
  }, 500).unref();
  const answer: Connect.NextHandleFunction = (request, response, next) => {
    const url = new URL(request.url ?? "/", "http://none");
    if (url.pathname === LIVE_PATH) {
      response.writeHead(200, { "content-type": "text/event-stream" });
      response.write(": here\n\n");
      streams.add(response);
      request.on("close", () => streams.delete(response));
      return;
    }
    const [, version, name = "", id = "", what = ""] = url.pathname.split("/");
    if (version !== "v1") return next();
    const found = ANSWERS[name]?.(id, url.searchParams, what);
    const missing = {
      code: "request.not_found",
      blame: "system",
      message: "There is nothing under this address.",
      action: "Call the lead.",
      requestId: "req-17",
    };
    response.writeHead(found === undefined ? 404 : 200, { "content-type": "application/json" });
    response.end(JSON.stringify(found ?? missing));
  };
  return {
    name: "flashline-dashboard-fixture",
    configureServer: (server) => void server.middlewares.use(answer),
    configurePreviewServer: (server) => void server.middlewares.use(answer),
  };
}
