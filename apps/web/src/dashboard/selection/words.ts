import type { AttemptSelection } from "@flashline/contract";
import { fullTime } from "../parts/time.ts";
import type { Selection, SelectionKey } from "./selection.ts";

type Filter = Exclude<SelectionKey, "from" | "to" | "window" | "day" | "shift">;

/** What can be filtered by, in the order in which it is offered. */
export const FILTER_NAMES: Readonly<Record<Filter, string>> = {
  product: "Product",
  release: "Release",
  order: "Work order",
  plant: "Plant",
  line: "Line",
  station: "Station",
  nest: "Nest",
  host: "Host",
  model: "Controller model",
  outcome: "Outcome",
  code: "Code",
  blame: "Blame",
  batch: "Batch",
  step: "Step",
  operator: "Operator",
  virtual: "Real or virtual",
  image: "Image",
};
export const FILTERS = Object.keys(FILTER_NAMES) as readonly Filter[];
export const isFilter = (key: SelectionKey): key is Filter => key in FILTER_NAMES;

type Window = NonNullable<AttemptSelection["window"]>;
export const WINDOW_NAMES: Readonly<Record<Window, string>> = {
  "this-shift": "This shift",
  "last-shift": "Last shift",
  today: "Today",
  yesterday: "Yesterday",
  "this-week": "This week",
  "last-week": "Last week",
  "last-7-days": "Last 7 days",
  "last-30-days": "Last 30 days",
};
export const SHIFT_WINDOWS: readonly Window[] = ["this-shift", "last-shift"];
export const DAY_WINDOWS: readonly Window[] = [
  ...(["today", "yesterday", "this-week", "last-week"] as const),
  ...(["last-7-days", "last-30-days"] as const),
];

/** The time that a selection means, in words. `without`: what a page shows where none is given. */
export function sayTime(selection: Selection, without: string, zone: string | undefined): string {
  const { window, day, shift, from, to } = selection;
  if (window !== undefined) return WINDOW_NAMES[window];
  if (day !== undefined) return shift === undefined ? day : `${day}, ${shift} shift`;
  const at = (time: string): string => fullTime(time, zone).replace(/:\d\d$/, "");
  if (from !== undefined && to !== undefined) return `${at(from)} – ${at(to)}`;
  if (from !== undefined) return `Since ${at(from)}`;
  return to === undefined ? without : `Until ${at(to)}`;
}
