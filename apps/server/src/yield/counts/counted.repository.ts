import { FlashlineError } from "@flashline/contract";
import { z } from "zod";
import type { Sql } from "../../db/sql.ts";
import { type Statement, statements, type Values } from "../../db/statement.ts";
import type { FoundSelection, Selected } from "../../selection/conditions.ts";
import {
  type Asked,
  CHOSEN,
  type Chosen,
  chosenOf,
  FIGURE_PARAMETERS,
  Figures,
  HostPart,
} from "../figures.ts";
import { type Bin, quantilesOf, RELATIVE_ERROR } from "./bins.ts";
import { PHASES_SET, SPANS } from "./columns.ts";
import {
  COVER_PARAMETERS,
  countedByHostSql,
  countedFiguresSql,
  PART_PARAMETERS,
  type Room,
  setOf,
} from "./counted-sql.ts";
import { type Cover, coverOf } from "./cover.ts";
import { datesOf, roomFor } from "./pieces-sql.ts";
import { cutsOf, type Standing, standingOf } from "./standing.repository.ts";

const Bins = z.array(z.tuple([z.number(), z.number()]));
const Counted = Figures.omit({ times: true, phases: true }).extend({
  bins: Bins,
  phaseBins: z.array(z.tuple([z.string(), Bins])).nullable(),
});
const NAMES = [...FIGURE_PARAMETERS, ...COVER_PARAMETERS, ...PART_PARAMETERS] as const;
type Name = (typeof NAMES)[number];
type Counted = z.infer<typeof Counted>;

const isNoEnd = (name: Chosen): name is Exclude<Chosen, "from" | "to"> =>
  name !== "from" && name !== "to";
const HOST_NAMES = [...CHOSEN.filter(isNoEnd), ...COVER_PARAMETERS] as const;

/** Statements for more pieces are seldom wanted, and long: they are made each time. */
const MOST_KEPT = 32;
/** A statement for each way of asking, made when it is asked for the first time; of these one for each set of filters. */
function byKey<Made>(): (key: string, room: Room, make: () => Made) => Made {
  const made = new Map<string, Made>();
  return (key, room, make) => {
    const sizes = Object.values(room);
    const whole = [key, ...sizes].join();
    const known = made.get(whole) ?? make();
    if (Math.max(...sizes) <= MOST_KEPT) made.set(whole, known);
    return known;
  };
}
const figuresMade = byKey<(values: Values<Name>) => Statement<Counted, Name>>();
const hostsMade =
  byKey<
    (
      values: Values<(typeof HOST_NAMES)[number]>,
    ) => Statement<HostPart, (typeof HOST_NAMES)[number]>
  >();

const countedValues = ({ counted, attempts }: Cover) => ({
  countedSpan: counted.map(({ span }) => span),
  countedFrom: datesOf(counted.map(({ from }) => from)),
  countedTo: datesOf(counted.map(({ to }) => to)),
  attemptsFrom: datesOf(attempts.map(({ from }) => from)),
  attemptsTo: datesOf(attempts.map(({ to }) => to)),
});
const partValues = ({ counted }: Cover) => ({
  partSpan: counted.map(({ span }) => span),
  partFrom: datesOf(counted.map(({ from }) => from)),
  partTo: datesOf(counted.map(({ to }) => to)),
});
const roomOf = (all: Cover, parts: Cover): Room => ({
  counted: roomFor(all.counted.length),
  attempts: roomFor(all.attempts.length),
  part: roomFor(parts.counted.length),
});
/** In more pieces than this time is not worth covering: so much has changed just now. */
const MOST_PIECES = 1_024;
const isWorthIt = (room: Room, { counted }: Cover) =>
  counted.length > 0 && Math.max(...Object.values(room)) <= MOST_PIECES;

/** What a selection says, without a plant or line that all stations are in: that is no condition. */
const withoutAll = (selection: FoundSelection, { allInPlant, allInLine }: Standing) => ({
  ...selection,
  ...(allInPlant ? { plant: undefined } : {}),
  ...(allInLine ? { line: undefined } : {}),
});
const givenIn = (selection: FoundSelection): readonly Selected[] =>
  CHOSEN.filter((name) => selection[name] !== undefined);

const ends = ({ from, to }: FoundSelection) => ({
  from: Date.parse(String(from)),
  to: Date.parse(String(to)),
});

/** How the whole stretch is covered, and how with each of its parts apart. Both leave the same to attempts. */
async function coversOf(
  sql: Sql,
  { selection, buckets }: Asked,
  { until, touched }: Standing,
): Promise<{ readonly all: Cover; readonly parts: Cover }> {
  const { from, to } = ends(selection);
  const cuts = await cutsOf(sql, selection, buckets);
  // A clock that is put back may come to the time of day at which parts begin twice.
  const longest = cuts.isClear ? SPANS.day : SPANS.quarter;
  const parts = coverOf([from, ...cuts.at.slice(1), to], until, touched, longest);
  const all = coverOf([from, to], until, touched);
  const isSame =
    all.attempts.length === parts.attempts.length &&
    all.attempts.every(
      (piece, n) => piece.from === parts.attempts[n]?.from && piece.to === parts.attempts[n]?.to,
    );
  return { all: isSame ? all : parts, parts };
}

const timesIn = (bins: readonly Bin[]) => ({
  n: bins.reduce((n, [, count]) => n + count, 0),
  quantiles: quantilesOf(bins),
});

/** Figures by what is counted ahead; undefined where that cannot tell them, or nothing of the time is counted. */
export async function countedFigures(sql: Sql, asked: Asked) {
  const { by, buckets, withPhases } = asked;
  const standing = await standingOf(sql, asked.selection);
  const selection = withoutAll(asked.selection, standing);
  const given = givenIn(selection);
  const set = setOf(given);
  const groups = by === undefined ? undefined : setOf(given, by);
  if (set === undefined || (by !== undefined && groups === undefined)) return undefined;
  if (withPhases && set !== PHASES_SET) return undefined;
  const { all, parts } = await coversOf(sql, asked, standing);
  const room = roomOf(all, parts);
  if (!isWorthIt(room, all)) return undefined;
  const values = { ...selection, ...buckets, ...countedValues(all), ...partValues(parts) };
  const key = [by, withPhases, set.name, groups?.name].join();
  const made = figuresMade(key, room, () =>
    statements(NAMES, Counted, (isGiven) =>
      countedFiguresSql(chosenOf(isGiven), by, { all: set, groups, withPhases }, room),
    ),
  );
  const row = await sql.row(made(values), values);
  if (row === undefined) throw new FlashlineError("internal.bug", "A yield has no row.");
  const { bins, phaseBins, ...figures } = row;
  const phases = phaseBins?.map(([phase, own]) => ({ phase, ...timesIn(own) })) ?? null;
  return { ...figures, times: timesIn(bins), phases, timesError: RELATIVE_ERROR };
}

/** A cohort by host in the same way. */
export async function countedHosts(
  sql: Sql,
  asked: FoundSelection,
): Promise<readonly HostPart[] | undefined> {
  const standing = await standingOf(sql, asked);
  const selection = withoutAll(asked, standing);
  const set = setOf(givenIn(selection), "host");
  if (set === undefined) return undefined;
  const { from, to } = ends(selection);
  const cover = coverOf([from, to], standing.until, standing.touched);
  const room = roomOf(cover, cover);
  if (!isWorthIt(room, cover)) return undefined;
  const values = { ...selection, ...countedValues(cover) };
  const made = hostsMade(set.name, room, () =>
    statements(HOST_NAMES, HostPart, (isGiven) =>
      countedByHostSql(
        chosenOf((name) => isNoEnd(name) && isGiven(name)),
        set,
        room,
      ),
    ),
  );
  return await sql.rows(made(values), values);
}
