import { checkKeyboard } from "./scan/keyboard-check.ts";
import { type Language, languageName, wordsOf } from "./words/language.ts";

/** What a scanned line says about scanner and keyboard, in words; null where it is not for the page but for the agent. */
export function keyboardText(
  line: string,
  language: Language,
): { readonly text: string; readonly kind: "info" | "refused" } | null {
  const words = wordsOf(language);
  const finding = checkKeyboard(line);
  if (finding === null) return null;
  switch (finding.kind) {
    case "right":
      return { text: words.keyboardRight, kind: "info" };
    case "caps":
      return { text: words.capsLock, kind: "refused" };
    case "odd":
      return { text: words.keyboardOdd, kind: "refused" };
    case "layout": {
      const [pc, scanner] = [finding.pc, finding.scanner].map((name) =>
        languageName(language, name),
      );
      return { text: words.keyboardWrong(pc ?? "", scanner ?? ""), kind: "refused" };
    }
  }
}
