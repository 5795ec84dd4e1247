import { z } from "zod";
import { Id, Name, Serial, text } from "./common.ts";
import { GRANT_RULES, GrantRules } from "./grant-rules.ts";
import { Reason } from "./holds.ts";
import { OPERATOR_RULES, OperatorRules } from "./operators.ts";

/** Of the plant's clock, "06:00". */
const TimeOfDay = z.string().regex(/^([01]\d|2[0-3]):[0-5]\d$/, "expected a time such as 06:00");

const OneShift = z.object({ name: Name, start: TimeOfDay, end: TimeOfDay });
/** What stations know of shifts: when people are logged out. */
export const StationShifts = z.array(OneShift).max(6).default([]);
const Break = z.object({ start: TimeOfDay, end: TimeOfDay });

const DAY = 24 * 60;
const minutesOf = (time: string): number => Number(time.slice(0, 2)) * 60 + Number(time.slice(3));
/** Minutes from one time of the day to the next time that the clock shows the other. */
const minutesUntil = (from: string, to: string): number =>
  (minutesOf(to) - minutesOf(from) + DAY) % DAY;
/** Whether a break lies inside its shift, which it may begin and end with, and leaves time to work. */
function isInShift(shift: z.infer<typeof OneShift>, { start, end }: z.infer<typeof Break>) {
  const length = minutesUntil(shift.start, shift.end) || DAY;
  const begins = minutesUntil(shift.start, start);
  const lasts = minutesUntil(start, end);
  return lasts > 0 && lasts < length && begins + lasts <= length;
}
/** With breaks, which are no working time of a plan. Older servers know no breaks. */
const Shifts = z
  .array(
    OneShift.extend({ breaks: z.array(Break).max(6).default([]) }).refine(
      (shift) => shift.breaks.every((one) => isInShift(shift, one)),
      { error: "a break must lie inside its shift and be shorter" },
    ),
  )
  .max(6);

/** A plant with its time zone and shifts, by which days and shifts are told. */
export const PlantRequest = z.object({
  name: Name,
  /** IANA, "Europe/Vienna". */
  timeZone: text(60, 1),
  shifts: Shifts.default([]),
});
/** Another name, clock or other shifts of a plant; what is left out stays as it is. Days and shifts of the past are told by them too. */
export const PlantChange = z.object({
  name: Name.optional(),
  timeZone: text(60, 1).optional(),
  shifts: Shifts.optional(),
  /** True: it takes no new lines, and is offered nowhere. Its history stays. */
  retired: z.boolean().optional(),
  reason: Reason,
});
/** A line of an existing plant. */
export const LineRequest = z.object({ name: Name, plant: Name });

/** A plant, with its lines by name; those that are retired are left out. */
export const PlantView = z.object({
  id: Id,
  name: z.string(),
  timeZone: z.string(),
  shifts: z.array(
    z.object({
      name: z.string(),
      start: z.string(),
      end: z.string(),
      /** Older servers know no breaks. */
      breaks: z.array(z.object({ start: z.string(), end: z.string() })).default([]),
    }),
  ),
  lines: z.array(z.string()),
  stations: z.number().int(),
  /** How people work at its stations, where a station has nothing of its own. Older servers know nothing of it. */
  operators: OperatorRules.default(OPERATOR_RULES),
  /** What its stations may flash while the server is away. Older servers know nothing of it. */
  grants: GrantRules.default(GRANT_RULES),
  /** Older servers retire no plants. */
  retiredAt: z.string().nullable().default(null),
});
export type PlantView = z.infer<typeof PlantView>;
/** A line with the number of its stations. */
export const LineView = z.object({
  id: Id,
  name: z.string(),
  plant: z.string(),
  stations: z.number().int(),
  /** Older servers retire no lines. */
  retiredAt: z.string().nullable().default(null),
});
export type LineView = z.infer<typeof LineView>;

/** A station of an existing line; of a known name it gets a new enrollment token. */
export const StationRequest = z.object({
  name: Name,
  line: Name,
  /** Needed where several plants have a line of this name. */
  plant: Name.optional(),
});
/** The token is shown once and works once. */
export const EnrollmentToken = z.object({
  stationId: Id,
  station: z.string(),
  token: z.string(),
  expiresAt: z.string(),
});

/** What may be changed of a product. */
const properties = {
  title: text(200),
  boardRevisions: z.array(text(20)).max(40),
  /** Regular expression that a serial must match; also used to tell a serial from other barcodes. */
  serialPattern: text(200).nullable(),
  /** `listed`: only serials imported before. `pattern`: a matching serial is registered at its first scan. */
  registration: z.enum(["listed", "pattern"]),
  /** Attempts at virtual units are accepted. For trials and the demo. */
  allowVirtual: z.boolean(),
};
/** A product: the chip that its images are made for, and the revisions of its board. */
export const ProductRequest = z.object({
  name: Name,
  title: properties.title.default(""),
  /** A name of the part table, "STM32F407VG". */
  chip: text(40, 1),
  boardRevisions: properties.boardRevisions.default([]),
  serialPattern: properties.serialPattern.default(null),
  registration: properties.registration.default("listed"),
  allowVirtual: properties.allowVirtual.default(false),
  /** So often a unit may fail at a step before a lead is asked. Without it RETEST_LIMIT, or what the product has. */
  retestLimit: z.number().int().min(1).max(100).optional(),
});
/** Changes a product; what is left out stays as it is. Its name and its chip are what releases were signed for: they stay. */
export const ProductChange = z
  .object({
    ...properties,
    /** True: it takes no new orders. What was ordered goes on. */
    retired: z.boolean(),
  })
  .partial()
  .extend({ reason: Reason });
/** A class of chips of the part table, with the names that a product may give it. */
export const PartView = z.object({
  name: z.string(),
  family: z.string(),
  /** Beginnings of the names that mean it, without "STM32": "F407". */
  aliases: z.array(z.string()),
});
export type PartView = z.infer<typeof PartView>;
/** A product, with the number of its registered units. */
export const ProductView = ProductRequest.extend({
  id: Id,
  units: z.number().int(),
  retestLimit: z.number().int(),
  /** Since when it takes no new orders. Older servers know nothing of it. */
  retiredAt: z.string().nullable().default(null),
});
export type ProductView = z.infer<typeof ProductView>;

/** Serials of one product to be registered. Those that are known already are left as they are. */
export const UnitsRequest = z.object({
  product: Name,
  boardRevision: text(20).nullable().default(null),
  /** Supplier's or board house's lot; a stratum of the host test. */
  batch: text(60).nullable().default(null),
  serials: z.array(Serial).min(1).max(10_000),
});
/** How many serials are new, and how many were known. */
export const UnitsAdded = z.object({ added: z.number().int(), known: z.number().int() });

/** Another name of a line, or that it is retired; what is left out stays as it is. */
export const LineChange = z.object({
  name: Name.optional(),
  /** True: it takes no new stations and plans, and is offered nowhere. Its history stays. */
  retired: z.boolean().optional(),
  reason: Reason,
});

/** Lists of plants and lines leave out what is retired. */
export const PlacesQuery = z.object({ state: z.enum(["active", "all"]).default("active") });

/** What keeps a line or plant from being retired; nothing in it: it can be. */
export const Retirement = z.object({
  inTheWay: z.array(
    z.object({
      kind: z.enum(["line", "station", "hold"]),
      name: z.string(),
      /** English, one sentence: what it does, and what ends that. */
      why: z.string(),
    }),
  ),
});
export type Retirement = z.infer<typeof Retirement>;

const MoveTo = { line: Name, plant: Name.optional() };
/** To which line a station is to move; `plant` where several have a line of this name. */
export const MoveQuery = z.object(MoveTo);
/** A station is moved to another line. What it made before stays counted where it was made. */
export const MoveRequest = z.object({
  ...MoveTo,
  /** Its open orders: taken out of its queue, or kept. Units in work finish either way. */
  orders: z.enum(["take-off", "keep"]).default("take-off"),
  reason: Reason,
});
/** What a move means, or has done. */
export const StationMove = z.object({
  station: z.string(),
  from: z.object({ plant: z.string(), line: z.string() }),
  to: z.object({ plant: z.string(), line: z.string() }),
  /** Its open orders, with the units that are in work there. */
  orders: z.array(z.object({ number: z.string(), product: z.string(), inWork: z.number().int() })),
  /** A hold on the line that it moves to: it takes no units there. */
  hold: z.string().nullable(),
});
export type StationMove = z.infer<typeof StationMove>;
