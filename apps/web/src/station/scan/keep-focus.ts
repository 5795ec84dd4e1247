/** Long enough for a person who walks through the buttons by Tab, short enough to be ready for the next unit. */
const RETURN_MS = 8000;

export interface KeptFocus {
  /** To the field, now. */
  take(): void;
  /** To the field when no key has come for {@link RETURN_MS}: somebody may be walking through the buttons. */
  takeLater(): void;
  /** Lets the focus go its own ways. */
  release(): void;
}

/** Brings the focus back to the field after a click, and when the page or its window comes back. */
export function keepFocus(field: HTMLInputElement): KeptFocus {
  let idle: ReturnType<typeof setTimeout> | undefined;
  const take = (): void => field.focus({ preventScroll: true });
  const onBlur = (event: FocusEvent): void => {
    if (event.relatedTarget === null) setTimeout(take, 0);
  };
  const onClick = (): void => {
    setTimeout(take, 0);
  };
  const onVisible = (): void => {
    if (document.visibilityState === "visible") take();
  };

  take();
  field.addEventListener("blur", onBlur);
  window.addEventListener("click", onClick);
  window.addEventListener("focus", take);
  document.addEventListener("visibilitychange", onVisible);
  return {
    take,
    takeLater() {
      clearTimeout(idle);
      idle = setTimeout(take, RETURN_MS);
    },
    release() {
      clearTimeout(idle);
      field.removeEventListener("blur", onBlur);
      window.removeEventListener("click", onClick);
      window.removeEventListener("focus", take);
      document.removeEventListener("visibilitychange", onVisible);
    },
  };
}
