import { z } from "zod";
import { Day, Id, Name, text } from "./common.ts";
import { Reason } from "./holds.ts";

/** One row of a list of plans, as an MES or a person gives it. */
export const PlanRow = z.object({
  /** Where it stands in the list that a person has, for the report. */
  row: z.number().int().positive().optional(),
  /** Needed where several plants have a line of this name. */
  plant: text(120).optional(),
  line: text(120),
  /** On which the shift begins, by the plant's calendar. */
  day: text(20),
  shift: text(120),
  /** Absent or empty: whatever product is made. */
  product: text(120).optional(),
  units: z.number().int().min(0).max(1_000_000),
});
export type PlanRow = z.infer<typeof PlanRow>;

/** Plans of shifts, all or none. Each shift of a line that is named has just these rows afterwards; 0 units are no plan. */
export const PlansRequest = z.object({
  rows: z.array(PlanRow).min(1).max(2_000),
  reason: Reason,
});

/** How many shifts have another plan now, and how many had the same already. */
export const PlansAnswer = z.object({
  changed: z.number().int(),
  same: z.number().int(),
});

/** Which plans are meant: those of shifts that begin on these days, both included. Without them today and the 13 days after it. */
export const PlansQuery = z.object({
  plant: Name.optional(),
  line: Name.optional(),
  from: Day.optional(),
  to: Day.optional(),
  limit: z.coerce.number().int().min(1).max(500).default(500),
  /** `id` of the row after which the list goes on. */
  after: Id.optional(),
});

/** What is planned for a shift of a line, of one product or of all. */
export const PlanView = z.object({
  id: Id,
  plant: z.string(),
  line: z.string(),
  day: z.string(),
  shift: z.string(),
  /** Null: whatever product is made. */
  product: z.string().nullable(),
  units: z.number().int(),
  /** Milliseconds of the shift without its breaks; null where the plant has no shift of this name any more. */
  workingMs: z.number().nullable(),
});
export type PlanView = z.infer<typeof PlanView>;

/** Which shift of a line is meant: the one that is on, or the one of `day` with the name `shift`. */
export const PaceQuery = z.object({
  plant: Name.optional(),
  line: Name,
  day: Day.optional(),
  shift: Name.optional(),
});

/** How fast something is made. */
const Cycle = z.object({
  /** Milliseconds from one unit that passes to the next; null where there are too few to say. */
  ms: z.number().nullable(),
  /** Times between two units that it was worked out from. */
  n: z.number().int(),
});

/** A stretch of a shift: what was made in it and what should have been. */
const PaceBucket = z.object({
  from: z.string(),
  to: z.string(),
  /** When it begins, by the plant's clock. */
  label: z.string(),
  made: z.number().int(),
  /** Its share of the plan, by working time; null without a plan. Not a whole number. */
  planned: z.number().nullable(),
});

/** What a plan comes to. */
const PaceAgainstPlan = z.object({
  units: z.number().int(),
  /** Milliseconds of working time for each planned unit. */
  taktMs: z.number(),
  /** Units that count for the plan: those of its products. */
  made: z.number().int(),
  /** Units that should have been made by now; whole ones. */
  due: z.number().int(),
  /** `made` less `due`. */
  ahead: z.number().int(),
  /** The same in milliseconds of working time: how long ago, or in how long, the plan stands at `made`. */
  aheadMs: z.number(),
});

/** A line in a shift: what it has made, and against its plan. */
export const PaceView = z.object({
  asOf: z.string(),
  plant: z.string(),
  line: z.string(),
  timeZone: z.string(),
  /** Null: no shift is on now. Then nothing is told of what was made. */
  shift: z
    .object({
      name: z.string(),
      day: z.string(),
      from: z.string(),
      to: z.string(),
      /** Milliseconds without its breaks, and how many of them are over. */
      workingMs: z.number(),
      workedMs: z.number(),
      breaks: z.array(z.object({ from: z.string(), to: z.string() })),
    })
    .nullable(),
  /** Different units that passed in it. */
  made: z.number().int(),
  /** Whether they are virtual units; they are counted only where there are no real ones. */
  virtual: z.boolean(),
  /** Null: nothing is planned. */
  plan: PaceAgainstPlan.nullable(),
  /** By product, those that are planned first. In which order a line makes them nobody said: none is due by itself. */
  products: z.array(
    z.object({
      product: z.string(),
      made: z.number().int(),
      /** Null: not planned by name. */
      units: z.number().int().nullable(),
    }),
  ),
  cycle: Cycle,
  /** Of stations that made anything. */
  stations: z.array(z.object({ station: z.string(), made: z.number().int(), cycle: Cycle })),
  /** Units at the shift's end at the pace so far; null where it is over, or there is too little to say. */
  projected: z.number().int().nullable(),
  buckets: z.array(PaceBucket),
});
export type PaceView = z.infer<typeof PaceView>;
