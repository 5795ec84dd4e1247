import { CODES, type Code } from "@flashline/contract";
import { expect, test } from "vitest";
import { chooseLanguage, LANGUAGES, nextLanguage, wordsOf } from "./language.ts";
import { actionText, noticeText } from "./notices.ts";
import { ORDER_OF } from "./orders.ts";

const codes = Object.keys(ORDER_OF) as Code[];
const [EN, DE, ES, ZH] = [wordsOf("en"), wordsOf("de"), wordsOf("es"), wordsOf("zh")];
const NAME = "12";

/** What explains something, and is read from near. */
const EXPLAINS = new Set<string>([
  "serverAwayLong",
  "setAside",
  "virtualLong",
  "lostLong",
  "noUnits",
  "notPrintable",
]);

/** What a person is told to do, or why not. */
function orders(words: typeof EN): string[] {
  const told = Object.entries(words).filter(([key]) => !EXPLAINS.has(key));
  return [
    ...told.map(([, text]) => text).filter((text) => typeof text === "string"),
    ...codes.map((code) => words.action(code)),
    ...Object.values(words.acts),
    words.scanFor(NAME),
    words.leadComes("Anna Huber"),
    words.keyboardWrong("X", "Y"),
    words.notices.assigned({ key: "assigned", kind: "info", serial: "MC2-1", nest: NAME }),
    words.notices.selected({ key: "selected", kind: "info", nest: NAME }),
    ...[NAME, null].map((nest) =>
      words.notices.kept({ key: "kept", kind: "info", serial: "MC2-1", nest }),
    ),
    words.notices["kept-over"]({ key: "kept-over", kind: "refused", serial: "MC2-1" }),
    words.notices.acknowledged({ key: "acknowledged", kind: "info", nest: NAME }),
    words.notices["nothing-to-acknowledge"]({ key: "nothing-to-acknowledge", kind: "refused" }),
    ...[NAME, null].map((nest) =>
      words.notices["nothing-to-start"]({ key: "nothing-to-start", kind: "refused", nest }),
    ),
    words.notices["result-refused"]({ key: "result-refused", kind: "refused", serial: null }),
    words.notices["logged-in"]({ key: "logged-in", kind: "info", name: "Anna Huber" }),
    ...(["asked", "shift", "idle", "ended"] as const).map((why) =>
      words.notices["logged-out"]({ key: "logged-out", kind: "info", name: "Anna Huber", why }),
    ),
    words.notices["let-through"]({ key: "let-through", kind: "info", name: "Anna", nest: NAME }),
    words.decision.who("Anna"),
    ...Object.values(words.decision.reasons),
    words.decision.other,
    words.decision.say,
    words.notices["nobody-logged-in"]({ key: "nobody-logged-in", kind: "refused" }),
    words.notices["badge-asked"]({ key: "badge-asked", kind: "info" }),
    words.scanLabelFor(NAME),
    ...Object.values(words.label.orders),
    ...Object.values(words.label.reasons),
    words.label.ask("MC2-1"),
    words.label.askSkip("MC2-1"),
    words.label.again,
    words.label.skip,
    words.notices["label-done"]({ key: "label-done", kind: "info", serial: "MC2-1" }),
    words.notices["label-again"]({ key: "label-again", kind: "info", serial: "MC2-1" }),
    words.notices["label-skipped"]({ key: "label-skipped", kind: "info", serial: "MC2-1" }),
    words.notices["label-whose"]({ key: "label-whose", kind: "info" }),
    words.notices.cancelled({ key: "cancelled", kind: "info" }),
  ];
}

test.each(["en", "de", "es"] as const)("what to do is said in at most eight words: %s", (name) => {
  const texts = orders(wordsOf(name));
  expect(texts.filter((text) => text.split(/\s+/).length > 8)).toEqual([]);
});

test("what to do is as short in Chinese, which has no blanks to count", () => {
  expect(orders(ZH).filter((text) => text.length > 20)).toEqual([]);
});

test("an order in a word fits where it is shown from three metres", () => {
  for (const name of LANGUAGES) {
    const acts = Object.values(wordsOf(name).acts);
    expect(acts.filter((act) => act.length > 14)).toEqual([]);
  }
});

test("codes that share an order share the English sentence; the others call the lead", () => {
  const english = new Map<string, Set<string>>();
  for (const code of codes) {
    const order = ORDER_OF[code];
    english.set(order, (english.get(order) ?? new Set()).add(CODES[code].action));
  }
  const several = [...english].filter(([order, texts]) => order !== "call" && texts.size > 1);
  expect(several).toEqual([]);
});

/** Each of these has its own sentence: the operator does something else next. */
const REFUSALS = [
  "preflight.wrong_product",
  "scan.other_label",
  "scan.ean",
  "scan.nest_unknown",
  "scan.command_unknown",
  "scan.no_reason",
  "release.revoked",
  "nest.empty",
  "nest.none_free",
  "nest.not_armed",
  "nest.fail_unseen",
  "scan.nest_first",
  "scan.one_kept",
  "scan.several_units",
  "badge.unknown",
  "badge.lost",
  "badge.disabled",
  "badge.other_plant",
  "badge.unchecked",
  "override.not_allowed",
  "override.other_refusal",
  "operator.missing",
  "nest.label_open",
  "label.other_code",
  "label.none",
] as const;

test.each(LANGUAGES)("every refusal of a scan has a sentence of its own: %s", (name) => {
  const texts = REFUSALS.map((code) => wordsOf(name).action(code));
  expect(new Set(texts).size).toBe(REFUSALS.length);
});

test("the language comes from the address, then from memory, then from the browser", () => {
  expect(chooseLanguage("?lang=de", "en", "en-GB")).toBe("de");
  expect(chooseLanguage("", "de", "en-GB")).toBe("de");
  expect(chooseLanguage("?lang=xx", null, "de-AT")).toBe("de");
  expect(chooseLanguage("", null, "zh-CN")).toBe("zh");
  expect(chooseLanguage("", null, "hu-HU")).toBe("en");
  expect(LANGUAGES.map(nextLanguage)).toEqual(["de", "es", "zh", "en"]);
});

test("codes and notices become sentences of the page's language", () => {
  expect(actionText(EN, "scan.not_understood", null)).toBe("Scan again.");
  expect(actionText(DE, "scan.not_understood", null)).toBe("Noch einmal scannen.");
  expect(actionText(ES, "scan.not_understood", null)).toBe("Escanee otra vez.");
  const assigned = { key: "assigned", kind: "info", serial: "MC2-004817", nest: "2" } as const;
  expect(noticeText(EN, assigned)).toBe("MC2-004817 is in nest 2.");
  expect(noticeText(DE, assigned)).toBe("MC2-004817 ist in Platz 2.");
  expect(noticeText(ZH, assigned)).toBe("MC2-004817 在槽位 2。");
});

test("a code of a newer server is said in the server's words, and without them the lead is called", () => {
  expect(actionText(DE, "preflight.of_tomorrow", "On hold. Call QA.")).toBe("On hold. Call QA.");
  expect(actionText(DE, "preflight.of_tomorrow", null)).toBe("Leitung rufen.");
  expect(actionText(DE, "toString", null)).toBe("Leitung rufen.");
});
