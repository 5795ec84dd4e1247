import type { Terminal } from "./terminal.ts";

/** One line that is drawn over itself; not drawn where the output is no terminal. */
export interface Bar {
  draw(fraction: number, text: string): void;
  /** Takes the line away, so that other text can be printed. */
  clear(): void;
}

const REDRAW_MS = 50;

export function createBar(terminal: Terminal, now: () => number): Bar {
  let drawn = false;
  let last = Number.NEGATIVE_INFINITY;
  return {
    draw(fraction, text) {
      const due = now() - last >= REDRAW_MS || fraction >= 1;
      if (!terminal.interactive || !due) return;
      last = now();
      drawn = true;
      const width = Math.max(8, Math.min(32, terminal.columns - text.length - 10));
      const full = Math.round(Math.min(1, Math.max(0, fraction)) * width);
      const room = Math.max(0, terminal.columns - width - 10);
      const share = `${Math.floor(fraction * 100)} %`.padStart(5);
      terminal.write(
        `\r${"█".repeat(full)}${"░".repeat(width - full)} ${share}  ${text.slice(0, room)}\x1b[K`,
      );
    },
    clear() {
      if (drawn) terminal.write("\r\x1b[K");
      drawn = false;
    },
  };
}
