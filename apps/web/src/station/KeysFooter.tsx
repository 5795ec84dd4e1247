import type { KeyCommand } from "./scan/use-keyboard.ts";
import type { Words } from "./words/en.ts";

/** What the keys do, and buttons for those that change this page alone. */
export function KeysFooter(props: {
  readonly words: Words;
  readonly sound: boolean;
  readonly onCommand: (command: KeyCommand) => void;
}) {
  const { words, sound, onCommand } = props;
  return (
    <footer>
      <span>
        <kbd>Scan</kbd> {words.keyScan}
      </span>
      <span>
        <kbd>Space</kbd> {words.keyStart}
      </span>
      <span>
        <kbd>Esc</kbd> {words.keyAcknowledge}
      </span>
      <span className="space" />
      <a href="/?doctor">{words.doctor.link}</a>
      <a href="/?nests">{words.nests.link}</a>
      <a href="/?barcodes">{words.barcodes}</a>
      <button type="button" onClick={() => onCommand("sound")} aria-pressed={sound}>
        <kbd>F9</kbd> {sound ? words.soundOn : words.soundOff}
      </button>
      <button type="button" onClick={() => onCommand("language")}>
        <kbd>F4</kbd> {words.language}
      </button>
    </footer>
  );
}
