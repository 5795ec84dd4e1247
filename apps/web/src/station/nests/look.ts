import type { NestIn, NestProgress, NestRefusal, NestView } from "@flashline/contract";
import { secondsLeft } from "../../shared/format.ts";
import type { IconName } from "../../shared/icons.tsx";
import type { Words } from "../words/en.ts";
import { type Language, wordsOf } from "../words/language.ts";
import { actionText } from "../words/notices.ts";
import { actAt } from "./next-act.ts";

/** What a nest's card shows, all in words of the page's language. */
export interface NestLook {
  /** Class of the card: colour and pattern. */
  readonly kind: NestView["state"];
  readonly icon: IconName | null;
  /** The word that is read from three metres. */
  readonly word: string;
  /** What hands do now, in a word or two, where there is a verdict; else empty. */
  readonly act: string;
  /** The same in a sentence; empty when there is nothing to do. */
  readonly order: string;
  /** A person says that it was seen: a PASS may be, everything else must. */
  readonly acknowledge: "no" | "may" | "must";
  readonly progress: {
    readonly fraction: number;
    /** What the engine does, or what keeps it from going on. */
    readonly phase: string;
    readonly left: string;
    /** Since when it does not go on, an ISO date; null while it does. */
    readonly troubleSince: string | null;
  } | null;
}

export function lookOf(nest: NestView, language: Language): NestLook {
  const words = wordsOf(language);
  const look = (icon: IconName | null, word: string, order: string): NestLook => ({
    kind: nest.state,
    icon,
    word,
    act: "",
    order,
    acknowledge: "no",
    progress: null,
  });
  const told = ({ code, action }: NestRefusal): string => actionText(words, code, action);

  const offLook = (kind: string): NestLook => {
    switch (kind) {
      case "station":
      case "line":
        return look("off", words.paused, words.pausedLong);
      case "host":
        return look("off", words.blocked, words.blockedLong);
      default:
        return look("off", words.off, words.offLong);
    }
  };

  const act = actAt(nest);
  const verdict = act === null ? "" : words.acts[act];
  switch (nest.state) {
    case "empty":
      return look("plug", words.empty, "");
    case "present":
      return look("scan", words.present, "");
    case "ready":
      return look("play", words.ready, "");
    case "starting":
      return {
        ...look(null, words.starting, ""),
        progress: { fraction: 0, phase: words.starting, left: "", troubleSince: null },
      };
    case "busy":
      return {
        ...look(null, "", ""),
        progress: withTrouble(progressOf(nest.progress, words), nest, words),
      };
    case "pass":
      return { ...look("check", words.pass, words.takeOut), act: verdict, acknowledge: "may" };
    case "label": {
      const { stage, refusal } = nest;
      const order = stage === "trouble" || stage === "printing" ? "" : words.label.orders[stage];
      return {
        ...look("check", `${words.pass}\n${words.label.stages[stage]}`, order),
        act: verdict,
        ...(refusal === null ? {} : { order: told(refusal), acknowledge: "must" }),
      };
    }
    case "fail":
      return {
        ...look("cross", words.fail, told(nest.refusal)),
        act: verdict,
        acknowledge: "must",
      };
    case "refused":
      return {
        ...look("barred", words.notOk, told(nest.refusal)),
        act: verdict,
        acknowledge: "must",
      };
    case "off":
      return offLook(nest.hold?.kind ?? "nest");
  }
}

type Shown = NonNullable<NestLook["progress"]>;

/** What is left is nobody's to say while the link is being recovered. */
function withTrouble(shown: Shown, { trouble }: NestIn<"busy">, words: Words): Shown {
  if (trouble === null) return shown;
  return { ...shown, phase: words.trouble[trouble.kind], left: "", troubleSince: trouble.since };
}

function progressOf(progress: NestProgress | null, words: Words): Shown {
  if (progress === null) {
    return { fraction: 0, phase: words.working, left: "", troubleSince: null };
  }
  const phases: Readonly<Record<string, string>> = words.phases;
  return {
    fraction: Math.min(1, Math.max(0, progress.fraction)),
    phase: phases[progress.phase] ?? words.working,
    left: progress.remainingMs === null ? "" : words.secondsLeft(secondsLeft(progress.remainingMs)),
    troubleSince: null,
  };
}
