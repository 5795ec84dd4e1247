import {
  called,
  type EnrollAnswer,
  type EnrollmentToken,
  type EnrollRequest,
  FlashlineError,
  type LeadCall,
  type StationRequest,
  type StationSetup,
} from "@flashline/contract";
import type { z } from "zod";
import { hashSecret, newSecret, SecretKind } from "../auth/secrets.ts";
import { rulesOf } from "../db/operator-rules.ts";
import type { Origin } from "../ledger/origin.ts";
import type { NestRequest, NestsRepository, TaughtNest } from "./nests.repository.ts";
import type { SetupOrder, StationsRepository } from "./repository.ts";

/** How long an enrollment token waits for its agent. */
const TOKEN_MS = 24 * 3_600_000;

const repeated = (names: readonly string[]): string | undefined =>
  names.find((name, index) => names.indexOf(name) !== index);

/** @throws FlashlineError `request.invalid` */
function refuseTwins(nests: readonly NestRequest[]): void {
  const twice =
    repeated(nests.map((nest) => nest.name)) ?? repeated(nests.map((nest) => nest.portPath));
  if (twice === undefined) return;
  throw new FlashlineError("request.invalid", `Two nests have the same name or port: ${twice}.`, {
    parameters: { repeated: twice },
  });
}

/** A pattern that lets through whatever one of the orders takes; null: anything. */
function patternOfAll(orders: readonly SetupOrder[]): string | null {
  const patterns = [...new Set(orders.map(({ serialPattern }) => serialPattern))];
  if (patterns.includes(null)) return null;
  return patterns.length === 1
    ? (patterns[0] ?? null)
    : patterns.map((one) => `(?:${one})`).join("|");
}

/** The orders as an agent takes them; agents that know of one order get the first, with a pattern for the scans of all. */
function setupOrders(
  orders: readonly SetupOrder[],
): Pick<StationSetup, "workOrder" | "workOrders"> {
  const taken = new Set<string>();
  const workOrders = orders.map(({ room, ...order }) => {
    const active = room && !taken.has(order.product);
    if (active) taken.add(order.product);
    return { ...order, active };
  });
  const [first] = workOrders;
  if (first === undefined) return { workOrder: null, workOrders };
  const { active: _, ...workOrder } = first;
  return { workOrder: { ...workOrder, serialPattern: patternOfAll(orders) }, workOrders };
}

/** What other rooms know of a station's setup. */
export interface SetupOthers {
  /** Its calls for the lead. */
  readonly openCalls: (stationId: string) => Promise<LeadCall[]>;
  /** The update that its agent is to take. */
  readonly wantedUpdate: (stationId: string) => Promise<StationSetup["update"]>;
  /** Public half of the key that signs grants. */
  readonly grantKey: string;
}

export function stationsService(
  repository: StationsRepository,
  nestsOf: NestsRepository,
  { openCalls, wantedUpdate, grantKey }: SetupOthers,
  now: () => number = Date.now,
) {
  async function setup(stationId: string): Promise<z.output<typeof StationSetup>> {
    const [row, nests, orders, calls, update] = await Promise.all([
      repository.setup(stationId),
      repository.nests(stationId),
      repository.orders(stationId),
      openCalls(stationId),
      wantedUpdate(stationId),
    ]);
    if (row === undefined) throw new FlashlineError("auth.revoked");
    return {
      stationId,
      station: row.name,
      line: row.line,
      plant: row.plant,
      timeZone: row.timeZone,
      nests: nests.map(({ hold, goldenRun, ...nest }) => ({
        ...nest,
        // A golden run at a quarantined host needs its nest. Units of orders are refused there as ever.
        enabled: hold === null || (hold.kind === "host" && goldenRun),
        ...(hold === null ? {} : { hold }),
      })),
      ...setupOrders(orders),
      calls,
      operators: { ...rulesOf(row.operators), shifts: row.shifts },
      grants: row.givesGrants ? { key: grantKey } : null,
      golden: row.golden,
      update,
    };
  }

  return {
    /** A new station, or an existing one of the same line, with a token that enrolls one agent. */
    async add(
      { name, line, plant }: z.output<typeof StationRequest>,
      by: Origin,
    ): Promise<z.output<typeof EnrollmentToken>> {
      const lines = await repository.lines(line, plant);
      const [found] = lines;
      if (found === undefined) {
        const where = plant === undefined ? "" : ` in ${plant}`;
        throw new FlashlineError(
          "request.invalid",
          `There is no ${called("line", line)}${where}.`,
          {
            parameters: { line },
          },
        );
      }
      if (lines.length > 1) {
        const plants = lines.map((one) => one.plant).join(", ");
        throw new FlashlineError(
          "request.conflict",
          `Several plants have a ${called("line", line)}: ${plants}. Name the plant.`,
          { parameters: { line, plants } },
        );
      }
      const existing = await repository.station(name);
      if (existing !== undefined && existing.lineId !== found.id) {
        throw new FlashlineError(
          "request.conflict",
          `${called("Station", name)} belongs to another line.`,
          {
            parameters: { station: name },
          },
        );
      }
      const id = existing?.id ?? (await repository.addStation(name, found, by));
      const token = newSecret(SecretKind.Enrollment);
      const expiresAt = new Date(now() + TOKEN_MS);
      const station = { id, name, plantId: found.plantId };
      await repository.addEnrollmentToken(station, hashSecret(token), expiresAt, by);
      return { stationId: id, station: name, token, expiresAt: expiresAt.toISOString() };
    },
    /**
     * A new credential for the token's station. The machine that used the token may ask again when the answer was lost;
     * the credential before then ends. Rejects with `enrol.token` for everyone else, and with `enrol.clone`.
     */
    async enroll(
      request: z.output<typeof EnrollRequest>,
      agentVersion: string | null,
      by: Origin,
    ): Promise<z.output<typeof EnrollAnswer>> {
      refuseTwins(request.nests);
      const credential = newSecret(SecretKind.Station);
      const station = await repository.enroll({
        tokenHash: hashSecret(request.token),
        machine: request.machine,
        hardware: request.hardware,
        hostname: request.hostname,
        agentVersion,
        credentialHash: hashSecret(credential),
        nests: request.nests,
        by,
      });
      if (station === undefined) throw new FlashlineError("enrol.token");
      return { stationId: station.id, station: station.name, credential, grantKey };
    },
    /** The same again is no event. Rejects with `request.not_found`. */
    async revoke(name: string, reason: string, by: Origin): Promise<void> {
      if ((await repository.station(name)) === undefined) {
        const parameters = { station: name };
        throw new FlashlineError("request.not_found", `There is no ${called("station", name)}.`, {
          parameters,
        });
      }
      await repository.revoke(name, by, reason);
    },
    /** Whether anything changed. */
    async teachNests(
      stationId: string,
      nests: readonly TaughtNest[],
      by: Origin,
    ): Promise<boolean> {
      refuseTwins(nests);
      return await nestsOf.teach(stationId, nests, by);
    },
    setup,
  };
}
