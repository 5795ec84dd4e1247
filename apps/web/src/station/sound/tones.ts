import type { NestView, StationPageView } from "@flashline/contract";

export type Sound = "pass" | "fail" | "refused";

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
};

/** The one sound for what changed between two views; the worst news wins. */
export function soundFor(before: StationPageView | null, now: StationPageView): Sound | null {
  if (before === null) return null;
  const was = new Map(before.nests.map((nest) => [nest.name, nest]));
  const became = (state: NestView["state"]): boolean =>
    now.nests.some((nest) => nest.state === state && was.get(nest.name)?.state !== state);
  if (became("fail")) return "fail";
  const again = now.notice.count !== before.notice.count && now.notice.kind === "refused";
  if (became("refused") || again) return "refused";
  return became("pass") ? "pass" : null;
}
