// In whichever chunk the schemas are, it has to come before them: the sheets share this module and them with the page.
import "../shared/strict-policy.ts";
import { useEffect, useState } from "react";
import { chooseLanguage, type Language, nextLanguage } from "./words/language.ts";

/** What the operators of this PC chose; kept in the browser. */
export interface Settings {
  readonly language: Language;
  readonly sound: boolean;
  switchLanguage(): void;
  switchSound(): void;
}

export function useSettings(): Settings {
  const [language, setLanguage] = useState(() =>
    chooseLanguage(location.search, localStorage.getItem("language"), navigator.language),
  );
  useEffect(() => {
    // 5 MB in a hundred slices: the browser fetches those whose characters the page shows.
    if (language === "zh") void import("./chinese-font.ts");
  }, [language]);
  const [sound, setSound] = useState(() => localStorage.getItem("sound") !== "off");
  return {
    language,
    sound,
    switchLanguage() {
      localStorage.setItem("language", nextLanguage(language));
      setLanguage(nextLanguage(language));
    },
    switchSound() {
      localStorage.setItem("sound", sound ? "off" : "on");
      setSound(!sound);
    },
  };
}
