import type { Run, Work } from "../machine/run.ts";
import { readRange } from "./read-range.ts";
import { freshSession } from "./verify.ts";

/** Address of the first byte that has not the erased value. After a drop everything is read again: it may be another unit. */
export function* firstNotErased(
  run: Run,
  sectors: readonly {
    readonly alternate: number;
    readonly address: number;
    readonly size: number;
  }[],
): Work<number | undefined> {
  let wrong: number | undefined;
  let arrivals: number;
  do {
    arrivals = run.link.arrivals;
    for (const sector of sectors) {
      yield* freshSession(run, sector);
      const stretch = { ...sector, length: sector.size };
      yield* readRange(run, stretch, (at, bytes) => {
        const index = bytes.findIndex((byte) => byte !== run.device.family.erasedValue);
        wrong = index < 0 ? undefined : at + index;
        return wrong === undefined && run.link.arrivals === arrivals;
      });
      if (wrong !== undefined || run.link.arrivals !== arrivals) break;
    }
  } while (run.link.arrivals !== arrivals);
  return wrong;
}
