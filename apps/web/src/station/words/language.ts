import { DE } from "./de.ts";
import { EN, type Words } from "./en.ts";
import { ES } from "./es.ts";
import { ZH } from "./zh.ts";

export const LANGUAGES = ["en", "de", "es", "zh"] as const;
export type Language = (typeof LANGUAGES)[number];

const WORDS: Readonly<Record<Language, Words>> = { en: EN, de: DE, es: ES, zh: ZH };

export const wordsOf = (language: Language): Words => WORDS[language];

/** For the page's element and for numbers. Chinese is the simplified script. */
export const LOCALES: Readonly<Record<Language, string>> = {
  en: "en",
  de: "de",
  es: "es",
  zh: "zh-Hans",
};

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

/** What a language is called in the page's one: "German", "Deutsch", "alemán", "德语". */
export const languageName = (language: Language, named: string): string =>
  new Intl.DisplayNames(LOCALES[language], { type: "language" }).of(named) ?? named;
