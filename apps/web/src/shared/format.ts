/** The dashboard speaks English; the station page says which locale it wants. */
const ENGLISH = "en-US";

/** "11.2 s", "340 ms", "2 min 05 s". Rounded to what an eye can use. */
export function duration(ms: number, locale = ENGLISH): string {
  if (ms < 1000) return `${Math.round(ms)} ms`;
  const tenths = Math.round(ms / 100);
  if (tenths < 600) {
    const digits = { minimumFractionDigits: 1, maximumFractionDigits: 1 };
    return `${(tenths / 10).toLocaleString(locale, digits)} s`;
  }
  const seconds = Math.round(ms / 1000);
  return `${Math.floor(seconds / 60)} min ${String(seconds % 60).padStart(2, "0")} s`;
}

/** Time left in whole seconds, never 0: what is not over takes at least one more. */
export function secondsLeft(ms: number): number {
  return Math.max(1, Math.ceil(ms / 1000));
}

/**
 * A share as percent. More digits near the ends, where one unit more or less is what matters; never 100 % or 0 % by
 * rounding.
 */
export function percent(share: number): string {
  const value = share * 100;
  if (value === 0 || value === 100) return `${value} %`;
  const digits = value < 10 || value > 90 ? 1 : 0;
  const text = value.toFixed(digits);
  if (Number(text) === 100) return "> 99.9 %";
  if (Number(text) === 0) return "< 0.1 %";
  return `${text} %`;
}

/** "95 %" for an axis: ticks are round. */
export function tick(share: number): string {
  return `${Math.round(share * 100)} %`;
}

/** "93.1–98.4" of two shares, without the sign, for standing beside a percentage. */
export function range(low: number, high: number): string {
  return `${percent(low).replace(" %", "")}–${percent(high).replace(" %", "")} %`;
}

/** "1,204". */
export function count(value: number, locale = ENGLISH): string {
  return value.toLocaleString(locale);
}

/** "64 %" as the locale writes it, for progress: rounded down, so that 100 % is the end. */
export function progressPercent(fraction: number, locale: string): string {
  const whole = Math.floor(fraction * 100) / 100;
  return whole.toLocaleString(locale, { style: "percent", maximumFractionDigits: 0 });
}

/** "13 units", "1 unit". */
export function counted(value: number, one: string, many = `${one}s`): string {
  return `${count(value)} ${value === 1 ? one : many}`;
}

/** "9f3c…a1": enough of a digest to compare by eye. */
export function shortDigest(digest: string): string {
  return digest.length <= 8 ? digest : `${digest.slice(0, 4)}…${digest.slice(-2)}`;
}

/** "0x08004000". */
export function hexAddress(address: number): string {
  return `0x${address.toString(16).toUpperCase().padStart(8, "0")}`;
}

/** "256 KiB". */
export function bytes(value: number): string {
  if (value < 1024) return `${value} B`;
  const kib = value / 1024;
  return kib < 1024
    ? `${Number(kib.toFixed(kib < 10 ? 1 : 0))} KiB`
    : `${Number((kib / 1024).toFixed(1))} MiB`;
}

/** 3·10 and −8 of 3·10⁻⁸, which needs an element of its own to stand high; "0.012" where that is easier to read. */
export function pValue(p: number): { readonly digits: string; readonly exponent: string | null } {
  if (p >= 0.001) return { digits: p.toFixed(p < 0.1 ? 3 : 2), exponent: null };
  if (p === 0) return { digits: "< 10", exponent: "−300" };
  const [digit, exponent] = p.toExponential(0).split("e").map(Number);
  return { digits: `${digit}·10`, exponent: `−${-(exponent ?? 0)}` };
}

/** Milliseconds as "1:07"; a clock that is behind shows "0:00". */
export function elapsed(ms: number): string {
  const seconds = Math.max(0, Math.floor(ms / 1000));
  const two = (value: number): string => String(value).padStart(2, "0");
  const minutes = Math.floor(seconds / 60);
  return minutes < 60
    ? `${minutes}:${two(seconds % 60)}`
    : `${Math.floor(minutes / 60)}:${two(minutes % 60)}:${two(seconds % 60)}`;
}
