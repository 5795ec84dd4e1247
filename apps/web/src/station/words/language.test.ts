import { expect, test } from "vitest";
import { DE } from "./de.ts";
import { DE_ACTIONS } from "./de-actions.ts";
import { EN, type Words } from "./en.ts";
import { chooseLanguage, nextLanguage } from "./language.ts";
import { actionText, noticeText } from "./notices.ts";

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
  expect(longOnes(Object.values(DE_ACTIONS))).toEqual([]);
});

test("the language comes from the address, then from memory, then from the browser", () => {
  expect(chooseLanguage("?lang=de", "en", "en-GB")).toBe("de");
  expect(chooseLanguage("", "de", "en-GB")).toBe("de");
  expect(chooseLanguage("?lang=xx", null, "de-AT")).toBe("de");
  expect(chooseLanguage("", null, "hu-HU")).toBe("en");
  expect([nextLanguage("en"), nextLanguage("de")]).toEqual(["de", "en"]);
});

test("codes and notices become sentences of the page's language", () => {
  expect(actionText(EN, "scan.not_understood", null)).toBe("Scan again.");
  expect(actionText(DE, "scan.not_understood", null)).toBe("Noch einmal scannen.");
  const assigned = { key: "assigned", kind: "info", serial: "MC2-004817", nest: "2" } as const;
  expect(noticeText(EN, assigned)).toBe("MC2-004817 is in nest 2.");
  expect(noticeText(DE, assigned)).toBe("MC2-004817 ist in Platz 2.");
});

test("a code of a newer server is said in the server's words, and without them the lead is called", () => {
  expect(actionText(DE, "preflight.of_tomorrow", "On hold. Call QA.")).toBe("On hold. Call QA.");
  expect(actionText(DE, "preflight.of_tomorrow", null)).toBe("Leitung rufen.");
  expect(actionText(DE, "toString", null)).toBe("Leitung rufen.");
});
