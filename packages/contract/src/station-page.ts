import { z } from "zod";
import { Name } from "./common.ts";
import { LabelStage } from "./labels.ts";
import { OVERRIDE_ANSWERS } from "./overrides.ts";

/** Why a nest does not start its unit, or what the unit failed with. The page makes the words. */
export const NestRefusal = z.object({
  /** Of the code table; a newer server may send one that this version does not know. */
  code: z.string(),
  /** For an engineer, in English. */
  detail: z.string(),
  /** What a newer server says to do, in English; null where the agent knows the code. */
  action: z.string().nullable(),
});
export type NestRefusal = z.infer<typeof NestRefusal>;

/** How far an attempt is. */
export const NestProgress = z.object({
  phase: z.string(),
  /** 0 … 1. */
  fraction: z.number(),
  /** By the unit's own pace; null while nobody can say. */
  remainingMs: z.number().nullable(),
});
export type NestProgress = z.infer<typeof NestProgress>;

/** What keeps an attempt from going on, since when by the station's clock. */
const NestTrouble = z.object({
  /** `gone`: nothing is on the port. */
  kind: z.enum(["recovering", "gone"]),
  since: z.string(),
});

/** What golden units have to do with a nest: its check is due (`blocks`: nothing else starts before), or one runs. */
export const NestGolden = z.discriminatedUnion("kind", [
  z.object({ kind: z.literal("due") }),
  z.object({ kind: z.literal("blocks") }),
  z.object({ kind: z.literal("check") }),
  /** `made` of `times` checks are done. */
  z.object({ kind: z.literal("run"), made: z.number().int(), times: z.number().int() }),
]);
export type NestGolden = z.infer<typeof NestGolden>;

const inEveryState = {
  name: z.string(),
  portPath: z.string(),
  /** This nest takes the next scan; shown before start. */
  next: z.boolean(),
  golden: NestGolden.optional(),
};
const serial = z.string();
const refusal = NestRefusal;

/**
 * One nest as the station page shows it, as a union by state. The agent serves the page that reads it, so both are always of one
 * version.
 */
export const NestView = z.discriminatedUnion("state", [
  /** `refusal`: why the last job ended, if its unit left before anything was erased. */
  z.object({ ...inEveryState, state: z.literal("empty"), refusal: refusal.nullable() }),
  /** `serial`: a scan that the server is being asked about. */
  z.object({ ...inEveryState, state: z.literal("present"), serial: serial.nullable() }),
  z.object({ ...inEveryState, state: z.literal("ready"), serial }),
  z.object({ ...inEveryState, state: z.literal("starting"), serial }),
  /** `progress` is null until the engine has said something, `trouble` while it gets on. */
  z.object({
    ...inEveryState,
    state: z.literal("busy"),
    serial,
    progress: NestProgress.nullable(),
    trouble: NestTrouble.nullable(),
  }),
  /** `refusal`: a unit is on the port again before the nest armed. */
  z.object({
    ...inEveryState,
    state: z.literal("pass"),
    serial,
    durationMs: z.number(),
    refusal: refusal.nullable(),
  }),
  /** `durationMs` is null for an attempt of an earlier life of the agent. */
  z.object({
    ...inEveryState,
    state: z.literal("fail"),
    serial,
    durationMs: z.number().nullable(),
    refusal,
  }),
  /**
   * The unit passed and gets its label. `refusal`: why the printer did not take it, of the stage "trouble"; null in every other.
   * `durationMs` is null for an attempt of an earlier life of the agent.
   */
  z.object({
    ...inEveryState,
    state: z.literal("label"),
    serial,
    durationMs: z.number().nullable(),
    stage: LabelStage,
    refusal: refusal.nullable(),
  }),
  z.object({ ...inEveryState, state: z.literal("refused"), serial, refusal }),
  /** `hold`: what is out of use, and why; null where nobody said so. */
  z.object({
    ...inEveryState,
    state: z.literal("off"),
    hold: z.object({ kind: z.string(), reason: z.string() }).nullable(),
  }),
]);
export type NestView = z.infer<typeof NestView>;
/** A nest in one of the states `S`. */
export type NestIn<S extends NestView["state"]> = Extract<NestView, { state: S }>;

const info = z.literal("info");
const refusedKind = z.literal("refused");

/** In which order unit, scan and START come at a station. */
export const WAYS = ["single", "scan-then-plug", "nest-then-unit", "start-when-plugged"] as const;
/**
 * One of {@link WAYS}. `single`: a unit is plugged in, scanned and started. `scan-then-plug`: a scan may come before its unit, and is kept
 * for a while. `nest-then-unit`: each label needs its nest's barcode before. `start-when-plugged`: as `scan-then-plug`, and a unit that may start
 * does so by itself.
 */
export type Way = (typeof WAYS)[number];

/** What the last scan or key did, or why it did nothing: a key with its parameters. The page makes the words. */
export const NoticeMessage = z.discriminatedUnion("key", [
  z.object({ key: z.literal("nothing"), kind: info }),
  z.object({ key: z.literal("assigned"), kind: info, serial: z.string(), nest: z.string() }),
  /** The next serial or command is for this nest. */
  z.object({ key: z.literal("selected"), kind: info, nest: z.string() }),
  /** The same label was read twice in a short time. */
  z.object({ key: z.literal("repeated"), kind: info, serial: z.string() }),
  /** No unit is there yet: the next one that is plugged in is this one. `nest`: where it is meant to be; null: anywhere. */
  z.object({ key: z.literal("kept"), kind: info, serial: z.string(), nest: z.string().nullable() }),
  /** Its unit did not come in time, and the scan is forgotten. */
  z.object({ key: z.literal("kept-over"), kind: refusedKind, serial: z.string() }),
  z.object({ key: z.literal("cancelled"), kind: info }),
  /** `nest`: the one that was asked for; null where all were. */
  z.object({ key: z.literal("nothing-to-start"), kind: refusedKind, nest: z.string().nullable() }),
  /** Somebody has read what this nest shows. */
  z.object({ key: z.literal("acknowledged"), kind: info, nest: z.string() }),
  z.object({ key: z.literal("nothing-to-acknowledge"), kind: refusedKind }),
  /** `code` is of the code table. */
  z.object({
    key: z.literal("scan-refused"),
    kind: refusedKind,
    code: z.string(),
    scanned: z.string(),
  }),
  /** A badge says who works here from now on. What is on a badge is in no notice. */
  z.object({ key: z.literal("logged-in"), kind: info, name: z.string() }),
  z.object({
    key: z.literal("logged-out"),
    kind: info,
    name: z.string(),
    /** By the barcode, at the shift's end, for doing nothing, or because the server does not let them work here any more. */
    why: z.enum(["asked", "shift", "idle", "ended"]),
  }),
  z.object({ key: z.literal("nobody-logged-in"), kind: refusedKind }),
  /** The server is being asked whose badge it is. */
  z.object({ key: z.literal("badge-asked"), kind: info }),
  z.object({ key: z.literal("badge-refused"), kind: refusedKind, code: z.string() }),
  /** A lead's badge let the unit of a nest through. */
  z.object({ key: z.literal("let-through"), kind: info, name: z.string(), nest: z.string() }),
  /** The unit's own label was scanned, or nobody scans it: the unit is done. */
  z.object({ key: z.literal("label-done"), kind: info, serial: z.string() }),
  /** The label is printed once more, or another time. */
  z.object({ key: z.literal("label-again"), kind: info, serial: z.string() }),
  /** The unit goes on without a label, by somebody's word. */
  z.object({ key: z.literal("label-skipped"), kind: info, serial: z.string() }),
  /** The next scan says whose label is printed once more. */
  z.object({ key: z.literal("label-whose"), kind: info }),
  /** The server does not take the result of this unit. */
  z.object({ key: z.literal("result-refused"), kind: refusedKind, serial: z.string().nullable() }),
]);
export type NoticeMessage = z.infer<typeof NoticeMessage>;

/** A notice as the page gets it. */
export const StationNotice = NoticeMessage.and(
  /** Counts up so that a repeat is seen. */
  z.object({ count: z.number().int() }),
);
export type StationNotice = z.infer<typeof StationNotice>;

/** The operator's call for the lead. */
export const CallView = z.discriminatedUnion("state", [
  /** The server is being told. */
  z.object({ state: z.literal("calling") }),
  /** The server could not be told: nobody hears of it. */
  z.object({ state: z.literal("not-sent") }),
  /** `at` is by the station's clock. `overdue`: nobody has taken it in time. */
  z.object({ state: z.literal("called"), at: z.string(), overdue: z.boolean() }),
  /** `by` says who comes. */
  z.object({ state: z.literal("taken"), at: z.string(), by: z.string() }),
]);
export type CallView = z.infer<typeof CallView>;

/** All that the station page shows; the agent sends it whole on every change (Server-sent event `view`). */
export const StationPageView = z.object({
  station: z.string(),
  line: z.string(),
  workOrder: z.string().nullable(),
  product: z.string().nullable(),
  productTitle: z.string().nullable(),
  version: z.string().nullable(),
  /** First and last digits of the manifest's digest; shown as "9f3c…a1 signed". */
  manifestSha256: z.string().nullable(),
  server: z.enum(["connected", "away"]),
  /** What may be flashed while the server is away: so many units, until then. Null: nothing. */
  grant: z.object({ left: z.number().int(), until: z.string() }).nullable(),
  /** Results that wait here for the server. */
  queuedResults: z.number().int(),
  /** Results that the server refused for good and that are kept here. */
  setAside: z.number().int(),
  today: z.object({ passed: z.number().int(), failed: z.number().int() }),
  nests: z.array(NestView),
  last: z.array(
    z.object({
      serial: z.string(),
      nest: z.string(),
      outcome: z.enum(["PASS", "FAIL"]),
      durationMs: z.number(),
      at: z.string(),
    }),
  ),
  notice: StationNotice,
  /** Null: nobody is called. */
  call: CallView.nullable(),
  /** Name of who is logged in. */
  operator: z.string().nullable(),
  /** Somebody showed a badge that may let the refused unit of a nest through, and is asked why. Null: nobody is asked. */
  decision: z
    .object({
      nest: z.string(),
      serial: z.string(),
      /** One of `OVERRIDES`. */
      code: z.string(),
      /** Who is asked. */
      name: z.string(),
      /** The next line that is scanned or typed is the reason. */
      ownWords: z.boolean(),
    })
    .nullable(),
  /**
   * Somebody wants a unit's label once more, and is asked why; or, where nothing has been printed yet, whether it goes on without one.
   * `nest`: where the unit is; null where it is in none. Null: nobody is asked.
   */
  labelAsked: z
    .object({ serial: z.string(), nest: z.string().nullable(), printed: z.boolean() })
    .nullable(),
  /** Whether units of what this station works on get a label, and whether it has a printer for them. */
  labels: z.enum(["none", "printed", "no-printer"]),
  /** Nobody is logged in, and nobody starts a unit here without. */
  badgeNeeded: z.boolean(),
  /** The PC is another one than was enrolled: its disk was moved or copied. */
  elsewhere: z.boolean(),
  /** The field shows nothing that begins with it: it is on a badge. Null: there are no badges. */
  badgePrefix: z.string().nullable(),
  way: z.enum(WAYS),
  /** A scan that waits for its unit, and until when by the station's clock. */
  kept: z.object({ serial: z.string(), nest: z.string().nullable(), until: z.string() }).nullable(),
  /** What a nest can be taught with. */
  teach: z.object({
    /** Ports with a unit in bootloader mode that no nest has. */
    ports: z.array(
      z.object({
        portPath: z.string(),
        /** Null where it is not known: the nest is then kept by its port path alone. */
        controller: z.string().nullable(),
      }),
    ),
    /** Names of the nests that are bound to their controller and port, whatever number the bus has. */
    bound: z.array(z.string()),
  }),
  virtual: z.boolean(),
});
export type StationPageView = z.infer<typeof StationPageView>;

/** Why the unit is let through that somebody decides about; null: it is not. */
export const DecideRequest = z.object({
  reason: z.enum(OVERRIDE_ANSWERS).nullable(),
});

/** How many nests one station may be taught. */
export const MOST_NESTS = 16;
/** Short enough for a card on the wall, and one line of its barcode. */
const NestName = Name.max(20);

/** A change of the station's nests, made at its PC. */
export const NestChange = z.discriminatedUnion("change", [
  z.object({
    change: z.literal("teach"),
    name: NestName,
    /** Where a unit is plugged in now. */
    portPath: z.string().min(1).max(60),
    /** The nest of this name is here from now on; without it a name that is taken is refused. */
    moves: z.boolean().default(false),
  }),
  z.object({ change: z.literal("rename"), name: Name, to: NestName }),
  z.object({ change: z.literal("remove"), name: Name }),
]);
export type NestChange = z.output<typeof NestChange>;

/** What a barcode scanner typed: a serial or a {@link Barcode}. */
export const ScanRequest = z.object({ text: z.string().min(1).max(200) });
/** Without a nest: every nest that is ready. */
export const StartNestRequest = z.object({ nest: z.string().optional() });
/**
 * The nest that is acknowledged where none is named: the first whose FAIL or refusal waits for it, then one whose label the printer did
 * not take, and only then one that passed.
 */
export function firstToAcknowledge<N extends { readonly state: string; readonly stage?: string }>(
  nests: readonly N[],
): Extract<N, { state: "fail" | "refused" | "label" | "pass" }> | undefined {
  const inState = (...states: readonly string[]) =>
    nests.find(
      (nest): nest is Extract<N, { state: "fail" | "refused" | "label" | "pass" }> =>
        states.includes(nest.state) && (nest.state !== "label" || nest.stage === "trouble"),
    );
  return inState("fail", "refused") ?? inState("label") ?? inState("pass");
}

/** An operator has read the result in this nest; the nest becomes free. */
export const AcknowledgeRequest = z.object({ nest: z.string() });

/** Barcodes that are commands, printed on the nests and on the operator's card. */
export const Barcode = {
  Start: "FL-START",
  Cancel: "FL-CANCEL",
  /** A result was read. */
  Ok: "FL-OK",
  /** Who is logged in goes. */
  LogOut: "FL-LOGOUT",
  /** A label is printed once more: of the nest that waits for one, or of the unit that is scanned next. */
  Reprint: "FL-REPRINT",
  /** The answer to why; followed by one of `LABEL_DECISIONS` or `OVERRIDE_ANSWERS` in capitals. */
  Why: "FL-WHY-",
  /** Followed by the nest's name. */
  Nest: "FL-NEST-",
} as const;
