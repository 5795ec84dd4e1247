import { type RefObject, useEffect, useRef } from "react";
import { altCodes } from "./alt-code.ts";
import { decideKey, type KeyAction, type KeyMoment } from "./decide-key.ts";
import { keepFocus } from "./keep-focus.ts";
import { typedLine } from "./typed-line.ts";

export type KeyCommand = Exclude<KeyAction, "pass" | "ignore" | "type" | "submit" | "clear">;

interface Handlers {
  /** A scanned or typed line, without Enter. */
  readonly onLine: (text: string) => void;
  readonly onCommand: (command: KeyCommand) => void;
  /** The PC turns keys into other writing, and so a scanner's as well. */
  readonly onInputMethod: () => void;
}

/** Windows writes a character of an ALT code into the field too; this long after ours it is that one, milliseconds. */
const ECHO_OF_ALT_MS = 50;
/** What an input method holds while it waits for a choice. Accents that are put together look otherwise. */
const COMPOSED = /^[a-z\p{Script=Han}]/iu;

const isControl = (element: Element | null): boolean =>
  element instanceof HTMLButtonElement || element instanceof HTMLAnchorElement;

/** Keeps the one field focused and hears every key, wherever the focus is. */
export function useKeyboard(field: RefObject<HTMLInputElement | null>, now: Handlers): void {
  const handlers = useRef<Handlers>(now);
  useEffect(() => {
    handlers.current = now;
  });
  useEffect(() => (field.current === null ? undefined : listen(field.current, handlers)), [field]);
}

/** Returns what ends it. */
function listen(field: HTMLInputElement, handlers: RefObject<Handlers>): () => void {
  const focus = keepFocus(field);
  const line = typedLine(field);
  const alt = altCodes();
  let altChar = { char: "", at: Number.NEGATIVE_INFINITY };
  let lineAt = Number.NEGATIVE_INFINITY;

  const act = (action: KeyAction, key: string, now: number): void => {
    switch (action) {
      case "pass":
        if ([...key].length === 1) line.heard(key, now);
        return;
      case "ignore":
        return;
      case "type":
        focus.take();
        line.add(key, now);
        return;
      case "submit": {
        const text = line.take();
        lineAt = now;
        focus.take();
        if (text !== "") handlers.current.onLine(text);
        return;
      }
      case "clear":
        line.clear();
        focus.take();
        return;
      case "start":
      case "acknowledge":
      case "call-lead":
      case "language":
      case "sound":
        handlers.current.onCommand(action);
        return;
    }
  };
  const hear = (
    event: KeyboardEvent,
    key: string,
    where: Pick<KeyMoment, "modified" | "inField">,
  ): void => {
    focus.takeLater();
    // When the key was pressed. A page that is busy hears of it later, and of several at once: a scan would seem to pause.
    const now = event.timeStamp;
    const action = decideKey({
      key,
      ...where,
      repeat: event.repeat,
      composing: event.isComposing,
      onControl: isControl(document.activeElement),
      fieldEmpty: field.value.trim() === "",
      sinceLine: now - lineAt,
    });
    if (action !== "pass") keep(event);
    act(action, key, now);
  };
  const onKeyDown = (event: KeyboardEvent): void => {
    if (alt.down(event)) keep(event);
    else {
      const modified = event.ctrlKey || event.altKey || event.metaKey;
      hear(event, event.key, { modified, inField: document.activeElement === field });
    }
  };
  const onKeyUp = (event: KeyboardEvent): void => {
    const char = alt.up(event.key);
    if (char === null) return;
    altChar = { char, at: performance.now() };
    // The browser does not put it into the field.
    hear(event, char === "\r" || char === "\n" ? "Enter" : char, {
      modified: false,
      inField: false,
    });
  };
  const onBeforeInput = (event: InputEvent): void => {
    const echo = event.data === altChar.char && performance.now() - altChar.at < ECHO_OF_ALT_MS;
    if (echo) event.preventDefault();
  };
  const onComposition = ({ data }: CompositionEvent): void => {
    if (COMPOSED.test(data)) handlers.current.onInputMethod();
  };

  window.addEventListener("keydown", onKeyDown, true);
  window.addEventListener("keyup", onKeyUp, true);
  field.addEventListener("beforeinput", onBeforeInput);
  field.addEventListener("compositionupdate", onComposition);
  return () => {
    window.removeEventListener("keydown", onKeyDown, true);
    window.removeEventListener("keyup", onKeyUp, true);
    field.removeEventListener("beforeinput", onBeforeInput);
    field.removeEventListener("compositionupdate", onComposition);
    focus.release();
  };
}

function keep(event: KeyboardEvent): void {
  event.preventDefault();
  event.stopPropagation();
}
