import { createHash } from "node:crypto";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { isSharedSerial } from "@flashline/dfu-core";
import {
  changesFlash,
  DfuRequest,
  type DfuTransport,
  wrapTransport,
} from "@flashline/dfu-core/protocol";
import { removeDurably, writeDurably } from "@flashline/durable-files";
import type { AttachedUnit } from "@flashline/usb-host";
import type { UsbIpAddress } from "../arguments.ts";
import { stateFolder } from "../state-folder.ts";

/** Bytes from an address on. */
export interface Range {
  readonly address: number;
  readonly length: number;
}

export const EVERYTHING: readonly Range[] = [{ address: 0, length: 2 ** 32 }];

/**
 * What this PC knows of a unit that an attempt began to erase. Until an attempt passes, its cells may read as erased or as right
 * and change soon after. Nothing that is read there counts (rule 7, docs/protocol.md).
 */
export interface DirtyNote {
  /** What earlier attempts erased and did not finish. */
  readonly ranges: readonly Range[];
  /**
   * Writes the note before the first transfer that erases or writes, and lets it go only then. Which ones those are in plain
   * DFU 1.1, which has no commands, is {@link downloads}.
   */
  readonly guard: (
    transport: DfuTransport,
    begun: () => readonly Range[],
    changes?: Changes,
  ) => DfuTransport;
  /** Nothing was taken: what the guard noted is taken back. */
  readonly untouched: () => Promise<void>;
  /** The work that was begun there is done and verified. */
  readonly finished: (done: readonly Range[]) => Promise<void>;
}

/** Whether an OUT request changes what the unit holds. */
export type Changes = (request: number, value: number, data: Uint8Array) => boolean;

/** A unit without a serial of its own is known by the port that it is on. */
export function noteName(unit: AttachedUnit, usbip: UsbIpAddress | undefined): string {
  const { vendorId, productId, serial, portPath, host, virtual, bootId } = unit;
  const ids = `${vendorId.toString(16)}:${productId.toString(16)}`;
  const server = usbip === undefined ? "" : ` usbip ${usbip.host}:${usbip.port}`;
  // Virtual units are new ones whenever their server is a new one.
  const boot = virtual && bootId !== undefined ? ` boot ${bootId}` : "";
  const who = isSharedSerial(serial) ? `port ${host.machine}${server} ${portPath}` : serial;
  return `usb ${ids} ${who}${boot}`;
}

/** A note that cannot be understood puts all of the unit in doubt. */
async function load(path: string): Promise<readonly Range[]> {
  let text: string;
  try {
    text = await readFile(path, "utf8");
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "ENOENT") return [];
    throw error;
  }
  try {
    // Only now: most units have no note, and a command starts sooner without schemas.
    const { StoredNote } = await import("./stored-note.ts");
    return StoredNote.parse(JSON.parse(text)).ranges;
  } catch {
    return EVERYTHING;
  }
}

/**
 * The note of one unit, below `environment`'s state folder. `trouble` is told once, in a sentence, when notes cannot be kept;
 * everything else goes on without them.
 */
export async function openNote(
  unit: AttachedUnit,
  usbip: UsbIpAddress | undefined,
  trouble: (sentence: string) => void,
  environment: NodeJS.ProcessEnv = process.env,
): Promise<DirtyNote> {
  const name = noteName(unit, usbip);
  let path: string | undefined;
  let ranges: readonly Range[] = [];
  const orSay = async (work: () => Promise<void>) => {
    try {
      await work();
    } catch (error) {
      path = undefined;
      const why = error instanceof Error ? error.message : String(error);
      trouble(
        `No note can be kept of units that were interrupted (${why}); after an interruption say --dirty.`,
      );
    }
  };
  await orSay(async () => {
    const digest = createHash("sha256").update(name).digest("hex").slice(0, 32);
    const place = join(stateFolder(environment), "dirty", `${digest}.json`);
    ranges = await load(place);
    path = place;
  });
  const keep = async (left: readonly Range[]) => {
    const place = path;
    if (place === undefined) return;
    await orSay(async () => {
      if (left.length === 0) return removeDurably(place);
      const stored = { unit: name, since: new Date().toISOString(), ranges: left };
      await writeDurably(place, `${JSON.stringify(stored)}\n`);
    });
  };
  /** What there was before the guard's note. */
  let before: readonly Range[] | undefined;
  return {
    get ranges() {
      return ranges;
    },
    guard(transport, begun, changes = changesFlash) {
      let noted = false;
      return beforeChanges(transport, changes, async () => {
        if (noted) return;
        noted = true;
        before = ranges;
        ranges = [...ranges, ...without(begun(), ranges)];
        await keep(ranges);
      });
    },
    async untouched() {
      if (before === undefined) return;
      ranges = before;
      before = undefined;
      await keep(ranges);
    },
    async finished(done) {
      if (ranges.length === 0) return;
      ranges = without(ranges, done);
      await keep(ranges);
    },
  };
}

/** Any data at all. */
export const downloads: Changes = (request, _value, data) =>
  request === DfuRequest.Dnload && data.length > 0;

/** The same transport; `work` is awaited before each transfer that changes what the unit holds. */
function beforeChanges(
  transport: DfuTransport,
  changes: Changes,
  work: () => Promise<void>,
): DfuTransport {
  return wrapTransport(transport, {
    async controlOut(request, value, data, timeoutMs, signal) {
      if (changes(request, value, data)) await work();
      await transport.controlOut(request, value, data, timeoutMs, signal);
    },
  });
}

export const overlaps = (some: readonly Range[], others: readonly Range[]): boolean =>
  some.some((a) =>
    others.some((b) => a.address < b.address + b.length && b.address < a.address + a.length),
  );

/** What is left of `ranges` when `taken` is taken out. */
export function without(ranges: readonly Range[], taken: readonly Range[]): readonly Range[] {
  return taken.reduce<readonly Range[]>(
    (left, hole) =>
      left.flatMap((range) => {
        const [start, end] = [range.address, range.address + range.length];
        const [from, to] = [hole.address, hole.address + hole.length];
        if (to <= start || from >= end) return [range];
        return [
          { address: start, length: from - start },
          { address: to, length: end - to },
        ].filter(({ length }) => length > 0);
      }),
    ranges,
  );
}
