import { type RefObject, useEffect, useRef } from "react";
import { decideKey, type KeyAction } from "./decide-key.ts";
import { keepFocus } from "./keep-focus.ts";
import { typedLine } from "./typed-line.ts";

export type KeyCommand = Exclude<KeyAction, "pass" | "ignore" | "type" | "submit" | "clear">;

interface Handlers {
  /** A scanned or typed line, without Enter. */
  readonly onLine: (text: string) => void;
  readonly onCommand: (command: KeyCommand) => void;
}

const isControl = (element: Element | null): boolean =>
  element instanceof HTMLButtonElement || element instanceof HTMLAnchorElement;

/** Keeps the one field focused and hears every key, wherever the focus is. */
export function useKeyboard(
  field: RefObject<HTMLInputElement | null>,
  onLine: Handlers["onLine"],
  onCommand: Handlers["onCommand"],
): void {
  const handlers = useRef<Handlers>({ onLine, onCommand });
  useEffect(() => {
    handlers.current = { onLine, onCommand };
  });
  useEffect(() => (field.current === null ? undefined : listen(field.current, handlers)), [field]);
}

/** Returns what ends it. */
function listen(field: HTMLInputElement, handlers: RefObject<Handlers>): () => void {
  const focus = keepFocus(field);
  const line = typedLine(field);
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
  const onKeyDown = (event: KeyboardEvent): void => {
    focus.takeLater();
    const now = performance.now();
    const action = decideKey({
      key: event.key,
      repeat: event.repeat,
      composing: event.isComposing,
      modified: event.ctrlKey || event.altKey || event.metaKey,
      inField: document.activeElement === field,
      onControl: isControl(document.activeElement),
      fieldEmpty: field.value.trim() === "",
      sinceLine: now - lineAt,
    });
    if (action !== "pass") {
      event.preventDefault();
      event.stopPropagation();
    }
    act(action, event.key, now);
  };

  window.addEventListener("keydown", onKeyDown, true);
  return () => {
    window.removeEventListener("keydown", onKeyDown, true);
    focus.release();
  };
}
