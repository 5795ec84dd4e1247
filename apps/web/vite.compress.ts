import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { brotliCompressSync, constants, gzipSync } from "node:zlib";
import type { Plugin } from "vite";

/** What text there is in a build; fonts and pictures are compressed already. */
const TEXT = /\.(js|css|svg)$/;
/** Smaller files gain nothing. */
const LEAST = 1024;

/** Writes each file of a build beside itself as brotli and gzip, so that a server need not compress it at each first visit. */
export const compressed = (): Plugin => ({
  name: "compressed",
  apply: "build",
  writeBundle({ dir = "" }) {
    const assets = join(dir, "assets");
    for (const name of readdirSync(assets).filter((file) => TEXT.test(file))) {
      const file = join(assets, name);
      const bytes = readFileSync(file);
      if (bytes.length < LEAST) continue;
      const params = { [constants.BROTLI_PARAM_QUALITY]: 11 };
      writeFileSync(`${file}.br`, brotliCompressSync(bytes, { params }));
      writeFileSync(`${file}.gz`, gzipSync(bytes, { level: 9 }));
    }
  },
});
