import { CODES } from "@flashline/contract";
import { expect, test } from "vitest";
import { DE } from "./de.ts";
import { EN, type Words } from "./en.ts";
import { GERMAN_ACTIONS } from "./german-actions.ts";
import { chooseLanguage, nextLanguage, sentence } from "./language.ts";

test("every action of the code table has its German, and none is left over", () => {
  const actions = new Set(Object.values(CODES).map((entry) => entry.action));
  expect(Object.keys(GERMAN_ACTIONS).sort()).toEqual([...actions].sort());
});

const orders = (words: Words): string[] => [
  ...Object.values(words).filter((word) => typeof word === "string"),
  words.scanFor("12"),
];

test("what to do is said in at most eight words, in both languages", () => {
  const longOnes = (texts: readonly string[]): string[] =>
    texts.filter((text) => text.split(/\s+/).length > 8);
  const sentences = [EN, DE].flatMap(orders);
  const shown = new Set([EN.virtualLong, DE.virtualLong, EN.lostLong, DE.lostLong, EN.noUnits]);
  expect(longOnes(sentences.filter((text) => !shown.has(text)))).toEqual([]);
  expect(longOnes(Object.values(GERMAN_ACTIONS))).toEqual([]);
});

test("the language comes from the address, then from memory, then from the browser", () => {
  expect(chooseLanguage("?lang=de", "en", "en-GB")).toBe("de");
  expect(chooseLanguage("", "de", "en-GB")).toBe("de");
  expect(chooseLanguage("?lang=xx", null, "de-AT")).toBe("de");
  expect(chooseLanguage("", null, "hu-HU")).toBe("en");
  expect([nextLanguage("en"), nextLanguage("de")]).toEqual(["de", "en"]);
});

test("a sentence that is not in the table is left as it is", () => {
  expect(sentence("de", "Scan again.")).toBe("Noch einmal scannen.");
  expect(sentence("de", "MC2-004817 is in nest 2.")).toBe("MC2-004817 ist in Platz 2.");
  expect(sentence("de", "Already passed at 06:41.")).toBe("Already passed at 06:41.");
});
