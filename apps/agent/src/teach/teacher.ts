import {
  FlashlineError,
  type NestChange,
  type StationPageView,
  type StationSetup,
} from "@flashline/contract";
import { type AttachedUnit, portPlaceOf, type UnitSource } from "@flashline/usb-host";
import type { Logger } from "pino";
import type { Nest } from "../nests/nest.ts";
import type { ServerLink } from "../server/link.ts";
import { refusalOf } from "../server/refusal.ts";
import { changedNests, freeUnits } from "./change.ts";
import { portsNow } from "./ports-now.ts";
import { readTaughtNests, type TaughtNest, writeTaughtNests } from "./taught-nests.ts";
import { tellServer } from "./tell-server.ts";

/** Which ports this station's nests are. Taught nests are kept here; where none was taught they are the server's, as enrolled. */
export interface Teacher {
  readonly view: StationPageView["teach"];
  /** The setup with the nests of this PC, in use or not as the server says. */
  applied(setup: StationSetup): StationSetup;
  /** What is attached now. Answers whether a nest's port has another name since. */
  onUnits(units: readonly AttachedUnit[]): boolean;
  /**
   * Resolves when server and data folder have it; nothing has changed otherwise.
   * @throws FlashlineError `nest.…`, `agent.offline`; RefusedError with the server's reason.
   */
  change(change: NestChange, at: TeachingPlace): Promise<void>;
  /** Tells the server again where it knows other nests: after a restart with other bus numbers, or when its data is older. */
  reconcile(at: TeachingPlace, signal: AbortSignal): Promise<void>;
}

/** What a change is applied to. */
export interface TeachingPlace {
  readonly link: Pick<ServerLink, "call">;
  readonly setup: StationSetup | undefined;
  /** As the station shows them. */
  readonly nests: readonly Nest[];
  /** The server's answer counts from now on. */
  readonly take: (setup: StationSetup) => Promise<void>;
}

export async function openTeacher(
  dataDir: string,
  source: Pick<UnitSource, "portAt">,
  log: Logger,
): Promise<Teacher> {
  let taught = await readTaughtNests(dataDir);
  let units: readonly AttachedUnit[] = [];
  let turn: Promise<unknown> = Promise.resolve();
  const portAt = source.portAt?.bind(source);
  if (taught !== undefined) taught = portsNow(taught, units, portAt);

  const here = (setup: StationSetup | undefined): readonly TaughtNest[] =>
    taught ?? setup?.nests.map(({ name, portPath }) => ({ name, portPath, place: null })) ?? [];
  let known: readonly TaughtNest[] = here(undefined);
  let isKnown = taught !== undefined;

  /** One change after the other: each builds on what the one before it left. */
  function inTurn<T>(work: () => Promise<T>): Promise<T> {
    const done = turn.then(work, work);
    turn = done.catch(() => undefined);
    return done;
  }

  return {
    get view() {
      return {
        // Before the server has said which nests there are, no port is known to be free.
        ports: (isKnown ? freeUnits(known, units) : []).map((unit) => ({
          portPath: unit.portPath,
          controller: portPlaceOf(unit)?.controller ?? null,
        })),
        bound: known.filter(({ place }) => place !== null).map(({ name }) => name),
      };
    },
    applied(setup) {
      known = here(setup);
      isKnown = true;
      if (taught === undefined) return setup;
      const nests = taught.map(({ name, portPath }) => {
        const told = setup.nests.find((nest) => nest.name === name);
        return { ...(told ?? { enabled: true }), name, portPath };
      });
      return { ...setup, nests };
    },
    onUnits(attached) {
      units = attached;
      const before = taught;
      if (before === undefined) return false;
      taught = portsNow(before, units, portAt);
      if (taught === before) return false;
      known = taught;
      log.warn({ step: "nests", nests: taught }, "ports have other names than before");
      return true;
    },
    change: (change, { link, setup, nests, take }) =>
      inTurn(async () => {
        if (!isKnown)
          throw new FlashlineError(
            "agent.offline",
            "The server has not said yet which nests there are.",
          );
        refuseInUse(change.name, nests);
        const changed = changedNests(here(setup), change, units);
        const answer = await tellServer(link, changed);
        await writeTaughtNests(dataDir, changed.nests);
        taught = changed.nests;
        log.info({ step: "nests", ...change }, "nests changed");
        await take(answer);
      }),
    reconcile: ({ link, setup, take }, signal) =>
      inTurn(async () => {
        if (taught === undefined || setup === undefined || isTold(taught, setup)) return;
        const nests = taught;
        try {
          const answer = await tellServer(link, { nests }, signal);
          await writeTaughtNests(dataDir, nests);
          await take(answer);
        } catch (error) {
          const { code, detail } = refusalOf(error);
          log.warn({ step: "nests", code, detail }, "the server has other nests");
        }
      }),
  };
}

/** @throws FlashlineError `nest.held`, `nest.in_work`. */
function refuseInUse(name: string, nests: readonly Nest[]): void {
  const nest = nests.find((one) => one.name === name);
  if (nest === undefined) return;
  if (nest.state === "off") throw new FlashlineError("nest.held", `Nest ${name} is out of use.`);
  const isFree = nest.state === "empty" || (nest.state === "present" && nest.last === null);
  if (!isFree) throw new FlashlineError("nest.in_work", `Nest ${name} has a unit.`);
}

const isTold = (nests: readonly TaughtNest[], { nests: told }: StationSetup): boolean =>
  nests.length === told.length &&
  nests.every(({ name, portPath }) =>
    told.some((nest) => nest.name === name && nest.portPath === portPath),
  );
