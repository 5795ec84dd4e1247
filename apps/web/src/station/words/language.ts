import { DE } from "./de.ts";
import { EN, type Words } from "./en.ts";

export const LANGUAGES = ["en", "de"] as const;
export type Language = (typeof LANGUAGES)[number];

const WORDS: Readonly<Record<Language, Words>> = { en: EN, de: DE };

export const wordsOf = (language: Language): Words => WORDS[language];

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
