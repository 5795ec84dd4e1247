import { DE } from "./de.ts";
import { EN, type Words } from "./en.ts";
import { GERMAN_ACTIONS } from "./german-actions.ts";
import { germanNotice } from "./german-notices.ts";

export const LANGUAGES = ["en", "de"] as const;
export type Language = (typeof LANGUAGES)[number];

const WORDS: Readonly<Record<Language, Words>> = { en: EN, de: DE };

export const wordsOf = (language: Language): Words => WORDS[language];

/** The agent's sentence in the page's language; one that is not in the table stays as it is. */
export function sentence(language: Language, text: string): string {
  return language === "en" ? text : (GERMAN_ACTIONS[text] ?? germanNotice(text) ?? text);
}

/** `?lang=` wins, then what was chosen here before, then the browser's language. */
export function chooseLanguage(
  search: string,
  remembered: string | null,
  preferred: string,
): Language {
  const asked = new URLSearchParams(search).get("lang");
  const known = (text: string | null): Language | undefined =>
    LANGUAGES.find((language) => language === text?.slice(0, 2).toLowerCase());
  return known(asked) ?? known(remembered) ?? known(preferred) ?? "en";
}

export function nextLanguage(language: Language): Language {
  return LANGUAGES[(LANGUAGES.indexOf(language) + 1) % LANGUAGES.length] ?? "en";
}
