import type { ServerResponse } from "node:http";
import { LIVE_PATH, type LiveEvent } from "@flashline/contract";
import type { Connect, Plugin } from "vite";
import { attempts, PEOPLE, units } from "./data/attempts.ts";
import { report } from "./data/doctor.ts";
import { hosts } from "./data/hosts.ts";
import { radiusOf, releases } from "./data/releases.ts";
import { stations } from "./data/stations.ts";
import { today } from "./data/today.ts";
import { verdicts } from "./data/verdicts.ts";
import { workOrders } from "./data/work-orders.ts";

type Answer = (id: string, query: URLSearchParams, what: string) => unknown;

const ANSWERS: Readonly<Record<string, Answer>> = {
  session: () => ({ name: "dana", role: "engineer" }),
  yield: () => today,
  stations: (id, _query, what) => {
    if (what === "doctor") return { station: id, receivedAt: report.at, ...report };
    return stations;
  },
  people: () =>
    PEOPLE.map((person) => ({
      ...person,
      ...{ role: "operator", plant: null, ways: ["badge"], disabledAt: null },
      ...{ createdAt: "2026-11-01T06:00:00Z", sessions: 0, tokens: 0 },
    })),
  products: () => [],
  hosts: (_id, _query, what) => (what === "verdicts" ? verdicts : hosts),
  units: (id, query) => {
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
    if (id === "") return releases;
    const found = releases.find((release) => release.id === id);
    return what === "radius" && found !== undefined ? radiusOf(found) : found;
  },
  "work-orders": () => workOrders,
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
