import { AttemptSelection } from "@flashline/contract";

const of = AttemptSelection.shape;

/**
 * What of the attempts a page of Analyse shows, as it stands in the address. A part of the address that is not understood is left
 * out rather than refused.
 */
export const selectionSearch = {
  from: of.from.catch(undefined),
  to: of.to.catch(undefined),
  window: of.window.catch(undefined),
  day: of.day.catch(undefined),
  shift: of.shift.catch(undefined),
  plant: of.plant.catch(undefined),
  line: of.line.catch(undefined),
  station: of.station.catch(undefined),
  nest: of.nest.catch(undefined),
  host: of.host.catch(undefined),
  model: of.model.catch(undefined),
  product: of.product.catch(undefined),
  step: of.step.catch(undefined),
  release: of.release.catch(undefined),
  image: of.image.catch(undefined),
  order: of.order.catch(undefined),
  batch: of.batch.catch(undefined),
  outcome: of.outcome.catch(undefined),
  code: of.code.catch(undefined),
  blame: of.blame.catch(undefined),
  virtual: of.virtual.catch(undefined),
  operator: of.operator.catch(undefined),
};

/** The selection of a page; what is not in the address is undefined. */
export type Selection = {
  readonly [Key in keyof AttemptSelection]?: AttemptSelection[Key] | undefined;
};
export type SelectionKey = keyof AttemptSelection;

const TIME_KEYS = ["from", "to", "window", "day", "shift"] as const;
const KEYS = Object.keys(selectionSearch) as readonly SelectionKey[];
const isSelectionKey = (key: string): key is SelectionKey => key in selectionSearch;

/** What of an address is a selection: it stays when one goes from one page of Analyse to another. */
export const selectionOf = (search: Readonly<Record<string, unknown>>): Selection =>
  Object.fromEntries(Object.entries(search).filter(([key]) => isSelectionKey(key)));

/** Without how attempts ended: a yield is of all outcomes, and of those that failed it would be 0 %. */
export const cohortOf = ({ outcome: _o, code: _c, blame: _b, ...cohort }: Selection): Selection =>
  cohort;

export const hasTime = (selection: Selection): boolean =>
  TIME_KEYS.some((key) => selection[key] !== undefined);

/** The same attempts where the page that one goes to means all times without saying so: today's. */
export const withTime = (selection: Selection): Selection =>
  hasTime(selection) ? selection : { ...selection, window: "today" };

/** No time at all, to be spread before another one. */
export const NO_TIME: Selection = Object.fromEntries(TIME_KEYS.map((key) => [key, undefined]));

/** What is chosen beside the time, in the order of the table. */
export const chosenOf = (selection: Selection): readonly (readonly [SelectionKey, string])[] =>
  KEYS.filter((key) => !(TIME_KEYS as readonly string[]).includes(key)).flatMap((key) => {
    const value = selection[key];
    return value === undefined ? [] : [[key, value] as const];
  });

/** Whether anything is chosen. */
export const isNarrowed = (filters: Readonly<Record<string, unknown>>): boolean =>
  Object.values(filters).some((value) => value !== undefined);

/** What else lists are filtered by. */
const BESIDE = ["only", "search", "state"] as const;

/** A path of the API with this selection. */
export function withSelection(
  path: string,
  selection: Selection & Readonly<Partial<Record<(typeof BESIDE)[number], string | undefined>>>,
): string {
  const query = new URLSearchParams();
  for (const key of [...KEYS, ...BESIDE]) {
    const value = selection[key];
    if (value !== undefined) query.set(key, value);
  }
  return query.size === 0 ? path : `${path}?${query}`;
}
