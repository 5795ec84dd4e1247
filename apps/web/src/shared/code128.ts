import { code128, drawingSVG } from "bwip-js/generic";

/** Modules of nothing on either side, which scanners need to find the code. */
const QUIET = 10;
/** A longer code is wider than scanners read in one go. */
const LONGEST = 24;

/** A barcode as a picture. */
export interface Picture {
  readonly url: string;
  /** Width in modules, the narrowest bars. */
  readonly modules: number;
}

/** `text` as Code 128; null where it has characters that scanners do not type, or too many of them. */
export function code128Of(text: string): Picture | null {
  if (!/^[\x20-\x7e]+$/.test(text) || text.length > LONGEST) return null;
  const svg = code128(
    { bcid: "code128", text, scale: 1, height: 12, paddingwidth: QUIET, includetext: false },
    drawingSVG(),
  );
  const modules = Number(/viewBox="0 0 ([\d.]+) /.exec(svg)?.[1]);
  return { url: `data:image/svg+xml,${encodeURIComponent(svg)}`, modules };
}
