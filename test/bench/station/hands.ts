import { setTimeout as pause } from "node:timers/promises";
import { partByName } from "@flashline/virtual-stm32";
import type { Line } from "../../e2e/support/line.ts";
import { MachineError } from "../../vm/harness/cache.ts";

/** One unit from START to its verdict, milliseconds. */
export interface UnitTimes {
  /** From START at the page to the first request of any kind that the unit saw. */
  readonly firstRequest: number;
  /** From START to the PASS on the page. */
  readonly passed: number;
}

/** How long a port is empty before its nest takes another unit, and a little more, milliseconds of the station's clock. */
const EMPTY_MS = 1_600;
/** The station looks at its nests that often, milliseconds. */
const TICK_MS = 250;
const { base } = partByName("f407").flash;

/** What is put in, and what must come out. */
export interface Images {
  /** What a unit holds before. */
  readonly held: Uint8Array;
  readonly released: Uint8Array;
}

/**
 * Hands that take no time: at each nest one unit after the other is scanned, started as soon as it may, and exchanged for the
 * next one, until `isOver`.
 * @throws MachineError for a unit that did not pass, or does not hold the image
 */
export async function work(
  line: Line,
  nextSerial: () => string | Promise<string>,
  isOver: () => boolean,
  images: Images,
  onUnit: (times: UnitTimes) => void,
): Promise<void> {
  // One scanner for all nests.
  let scanner: Promise<unknown> = Promise.resolve();
  const scan = (nest: string, serial: string): Promise<unknown> => {
    scanner = scanner.then(async () => {
      await line.page.tell("scan", { text: `FL-NEST-${nest}` });
      await line.page.tell("scan", { text: serial });
    });
    return scanner;
  };
  await Promise.all(
    line.sim.units.map(async (_, at) => {
      const nest = String(at + 1);
      while (!isOver()) {
        const serial = await nextSerial();
        onUnit(await flashOne(line, at, images, () => scan(nest, serial)));
        await exchange(line, at);
      }
    }),
  );
}

async function flashOne(
  line: Line,
  at: number,
  { held, released }: Images,
  scan: () => Promise<unknown>,
): Promise<UnitTimes> {
  const { page, sim } = line;
  const unit = sim.units[at];
  if (unit === undefined) throw new MachineError(`no unit ${at + 1}`);
  const nest = String(at + 1);
  unit.flash.load(base, held);
  await scan();
  await page.nestIn(nest, "ready");
  let seenAt: number | undefined;
  const forget = unit.onTransfer(() => {
    seenAt ??= performance.now();
  });
  const startedAt = performance.now();
  await page.tell("start", { nest });
  const end = await page.nestIn(nest, "pass", "fail", "refused");
  const passed = performance.now() - startedAt;
  forget();
  const content = unit.flash.snapshot().subarray(0, released.length);
  if (end.state !== "pass" || Buffer.compare(content, released) !== 0) {
    throw new MachineError(`nest ${nest}: ${JSON.stringify(end)}`);
  }
  return { firstRequest: (seenAt ?? Number.NaN) - startedAt, passed };
}

async function exchange({ page, sim, speed }: Line, at: number): Promise<void> {
  const nest = String(at + 1);
  sim.command(`unplug ${nest}`);
  await page.tell("acknowledge", { nest });
  await page.nestIn(nest, "empty");
  await pause(Math.max(TICK_MS, EMPTY_MS / speed));
  sim.command(`replace ${nest}`);
  await page.nestIn(nest, "present");
}
