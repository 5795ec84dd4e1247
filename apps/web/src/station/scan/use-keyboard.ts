import { type RefObject, useEffect, useRef } from "react";
import { decideKey, type KeyAction } from "./decide-key.ts";
import { lineOf, type Stroke } from "./strokes.ts";

export type KeyCommand = Exclude<KeyAction, "pass" | "ignore" | "type" | "submit" | "clear">;

/** Long enough for a person who walks through the buttons by Tab, short enough to be ready for the next unit. */
const RETURN_MS = 8000;

const isControl = (element: Element | null): boolean =>
  element instanceof HTMLButtonElement || element instanceof HTMLAnchorElement;

/**
 * Keeps the one field focused and hears every key, wherever the focus is.
 * @param onLine a scanned or typed line, without Enter
 */
export function useKeyboard(
  field: RefObject<HTMLInputElement | null>,
  onLine: (text: string) => void,
  onCommand: (command: KeyCommand) => void,
): void {
  const handlers = useRef({ onLine, onCommand });
  useEffect(() => {
    handlers.current = { onLine, onCommand };
  });

  useEffect(() => {
    let strokes: Stroke[] = [];
    let lineAt = Number.NEGATIVE_INFINITY;
    let idle: ReturnType<typeof setTimeout> | undefined;
    const focus = (): void => field.current?.focus({ preventScroll: true });

    const submit = (input: HTMLInputElement): void => {
      const value = input.value;
      const heard = strokes.map((stroke) => stroke.char).join("") === value;
      const text = heard ? lineOf(strokes).text : value.trim();
      strokes = [];
      input.value = "";
      lineAt = performance.now();
      focus();
      if (text !== "") handlers.current.onLine(text);
    };

    const onKeyDown = (event: KeyboardEvent): void => {
      const input = field.current;
      if (input === null) return;
      clearTimeout(idle);
      idle = setTimeout(focus, RETURN_MS);
      const now = performance.now();
      if (input.value === "") strokes = [];
      const action = decideKey({
        key: event.key,
        repeat: event.repeat,
        composing: event.isComposing,
        modified: event.ctrlKey || event.altKey || event.metaKey,
        inField: document.activeElement === input,
        onControl: isControl(document.activeElement),
        fieldEmpty: input.value.trim() === "",
        sinceLine: now - lineAt,
      });
      if (action !== "pass") {
        event.preventDefault();
        event.stopPropagation();
      }
      switch (action) {
        case "pass":
          if ([...event.key].length === 1) strokes.push({ char: event.key, at: now });
          return;
        case "ignore":
          return;
        case "type":
          focus();
          input.value += event.key;
          strokes.push({ char: event.key, at: now });
          return;
        case "submit":
          submit(input);
          return;
        case "clear":
          strokes = [];
          input.value = "";
          focus();
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

    const onBlur = (event: FocusEvent): void => {
      if (event.relatedTarget === null) setTimeout(focus, 0);
    };
    const onPointerUp = (): void => {
      setTimeout(focus, 0);
    };
    const onVisible = (): void => {
      if (document.visibilityState === "visible") focus();
    };

    const input = field.current;
    focus();
    input?.addEventListener("blur", onBlur);
    window.addEventListener("keydown", onKeyDown, true);
    window.addEventListener("click", onPointerUp);
    window.addEventListener("focus", focus);
    document.addEventListener("visibilitychange", onVisible);
    return () => {
      clearTimeout(idle);
      input?.removeEventListener("blur", onBlur);
      window.removeEventListener("keydown", onKeyDown, true);
      window.removeEventListener("click", onPointerUp);
      window.removeEventListener("focus", focus);
      document.removeEventListener("visibilitychange", onVisible);
    };
  }, [field]);
}
