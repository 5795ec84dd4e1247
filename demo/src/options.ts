import { parseArgs } from "node:util";

export interface DemoOptions {
  /** A scripted shift without a person, then the end. */
  readonly once: boolean;
  /** How a bad host is found, held, repaired and confirmed; then the end. */
  readonly story: boolean;
  readonly units: number;
  /** One JSON line at the end; everything else goes to stderr. */
  readonly json: boolean;
  readonly speed: number;
  /** Instead of the firmware that the demo makes. */
  readonly firmware: string | undefined;
  /** Part of the virtual units, "f072". */
  readonly chip: string;
  readonly help: boolean;
}

/**
 * On a busy PC a fast clock makes link incidents of its own: a delay of 100 ms is one of a second to a unit that runs 10 times
 * faster. The verdict compares hosts on the same PC and bears some of that; a scripted shift counts every incident and bears none.
 */
const SHIFT_SPEED = 10;
const SCRIPTED_SPEED = 4;

export const HELP = `npm run demo -- [options]

  --once            a scripted shift without a person, then the end
  --story           a bad host is found, explained, quarantined, repaired and confirmed; then the end
  --units N         how many units (default: 8 with --once, 800 with --story, else 400)
  --speed N         virtual units and agents run on a clock so many times faster (default: 4 with --once, else 10)
  --firmware FILE   a raw binary or DfuSe file to publish instead of the demo's own
  --chip NAME       part of the virtual units, e.g. f407 (default f072)
  --json            progress on stderr; the last line of stdout is JSON

Only virtual units are touched, whatever is plugged into this PC. Ctrl-C ends everything.
`;

/** Reads the command line. Returns what is wrong with it as text. */
export function readOptions(args: readonly string[]): DemoOptions | string {
  try {
    const { values } = parseArgs({
      args: [...args],
      options: {
        once: { type: "boolean", default: false },
        story: { type: "boolean", default: false },
        units: { type: "string" },
        json: { type: "boolean", default: false },
        speed: { type: "string" },
        firmware: { type: "string" },
        chip: { type: "string", default: "f072" },
        help: { type: "boolean", short: "h", default: false },
      },
    });
    const { once, story, json, help, chip, firmware } = values;
    if (once && story) return "--once and --story are two different plays.";
    const units = Number(values.units ?? (once ? 8 : story ? 800 : 400));
    const speed = Number(values.speed ?? (once ? SCRIPTED_SPEED : SHIFT_SPEED));
    if (!Number.isInteger(units) || units < 2 || units > 5000)
      return "--units takes a whole number from 2 to 5000.";
    if (!(speed >= 1 && speed <= 100)) return "--speed takes a number from 1 to 100.";
    return { once, story, units, json, speed, firmware, chip: chip.toLowerCase(), help };
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}

/** The shift that goes on until Ctrl-C. */
export const isShift = ({ once, story }: DemoOptions): boolean => !once && !story;
