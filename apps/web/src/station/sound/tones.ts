import type { NestView, StationNotice, StationPageView } from "@flashline/contract";

export type Sound = "pass" | "fail" | "refused" | "accepted" | "nobody";

interface Tone {
  readonly hertz: number;
  /** Milliseconds after the first tone's start. */
  readonly atMs: number;
  readonly forMs: number;
}

/** Told apart by pitch, length and number, so that they are also told apart by a worn ear in a loud hall. */
export const TONES: Readonly<Record<Sound, readonly Tone[]>> = {
  pass: [{ hertz: 1568, atMs: 0, forMs: 140 }],
  fail: [
    { hertz: 220, atMs: 0, forMs: 420 },
    { hertz: 185, atMs: 520, forMs: 520 },
  ],
  refused: [
    { hertz: 660, atMs: 0, forMs: 90 },
    { hertz: 660, atMs: 150, forMs: 90 },
    { hertz: 660, atMs: 300, forMs: 90 },
  ],
  /** Shorter and lower than PASS: a scan was taken. */
  accepted: [{ hertz: 880, atMs: 0, forMs: 60 }],
  /** The lead does not come: long, so that a neighbour looks up as well. */
  nobody: [0, 700, 1400].flatMap((atMs) => [
    { hertz: 988, atMs, forMs: 320 },
    { hertz: 740, atMs: atMs + 340, forMs: 320 },
  ]),
};

/** What says that a barcode did what it should. */
const ACCEPTED: ReadonlySet<StationNotice["key"]> = new Set([
  "assigned",
  "selected",
  "acknowledged",
  "cancelled",
  "logged-in",
  "logged-out",
  "let-through",
  "label-done",
  "label-again",
  "label-skipped",
  "label-whose",
]);

const isUnanswered = ({ call }: StationPageView): boolean =>
  call?.state === "not-sent" || (call?.state === "called" && call.overdue);

/** The one sound for what changed between two views; the worst news wins. */
export function soundFor(before: StationPageView | null, now: StationPageView): Sound | null {
  if (before === null) return null;
  if (isUnanswered(now) && !isUnanswered(before)) return "nobody";
  const was = new Map(before.nests.map((nest) => [nest.name, nest]));
  const became = (state: NestView["state"]): boolean =>
    now.nests.some((nest) => nest.state === state && was.get(nest.name)?.state !== state);
  if (became("fail")) return "fail";
  /** What a label wants of hands that its nest did not want before. */
  const stages = (nest: NestView | undefined, ...wanted: readonly string[]): boolean =>
    nest?.state === "label" && wanted.includes(nest.stage);
  const labelTrouble = now.nests.some(
    (nest) =>
      stages(nest, "trouble", "doubtful") && !stages(was.get(nest.name), "trouble", "doubtful"),
  );
  const noticed = now.notice.count !== before.notice.count;
  if (became("refused") || labelTrouble || (noticed && now.notice.kind === "refused"))
    return "refused";
  // A unit whose label is done was heard to pass before it was printed.
  const passed = now.nests.some(({ name, state }) => {
    const before = was.get(name)?.state;
    const isPass = (one: string | undefined) => one === "pass" || one === "label";
    return isPass(state) && !isPass(before);
  });
  if (passed) return "pass";
  return noticed && ACCEPTED.has(now.notice.key) ? "accepted" : null;
}
