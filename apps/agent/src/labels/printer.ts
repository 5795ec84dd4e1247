import { connect, type Socket } from "node:net";
import { setImmediate as nextTurn, setTimeout as pause } from "node:timers/promises";
import type { NestRefusal } from "@flashline/contract";
import { refusalFrom, refusalOf } from "../server/refusal.ts";
import { type PrinterAddress, printerText } from "./address.ts";
import { ASK_STATUS, isWholeStatus, troubleIn } from "./host-status.ts";

/** How a print ended. */
export type PrintEnd =
  /** The printer took all of it and closed the connection. */
  | { readonly kind: "printed" }
  /** No byte of the label has left: it may be tried again. */
  | { readonly kind: "not-sent"; readonly refusal: NestRefusal }
  /** It was cut off in the middle: a label may have come out. */
  | { readonly kind: "doubtful"; readonly detail: string };

export interface Printer {
  /**
   * One label. `begin` is awaited before its first byte leaves; where it rejects, none leaves. Never rejects. The caller prints one
   * label at a time.
   */
  print(zpl: string, begin: () => Promise<void>): Promise<PrintEnd>;
}

export interface PrinterTimes {
  /** Longest wait for the connection, for the printer to take the bytes, and for its close. Milliseconds. */
  readonly waitMs: number;
  /** How long an answer about the printer's state is waited for, milliseconds. */
  readonly statusMs: number;
  /**
   * Between the last byte and our end of the connection, milliseconds: a printer that has closed its own end meanwhile did not take the
   * label. Longer than a packet takes in a plant.
   */
  readonly settleMs: number;
}

const TIMES: PrinterTimes = { waitMs: 8000, statusMs: 700, settleMs: 120 };
/** A printer that did not say what it is like is not asked again for so long, milliseconds: each label would wait for it. */
const SILENT_MS = 600_000;

/** A label printer that takes ZPL over TCP. */
export function networkPrinter(address: PrinterAddress, times: PrinterTimes = TIMES): Printer {
  let silentUntil = 0;
  return {
    async print(zpl, begin) {
      const line = open(address);
      try {
        const notReady = await readiness(line, times, performance.now() >= silentUntil);
        if (notReady.kind === "silent") silentUntil = performance.now() + SILENT_MS;
        if (notReady.kind === "trouble") return notSent(notReady.refusal);
        try {
          await begin();
        } catch (error) {
          return notSent(refusalOf(error));
        }
        return await send(line, zpl, times);
      } catch (error) {
        return notSent(away(address, error));
      } finally {
        line.socket.destroy();
      }
    },
  };
}

/** What the printer says of itself now, or that it cannot be reached; for who looks at the PC. Never rejects. */
export async function lookAtPrinter(
  address: PrinterAddress,
  times: PrinterTimes = TIMES,
): Promise<NestRefusal | undefined> {
  const line = open(address);
  try {
    const found = await readiness(line, times, true);
    return found.kind === "trouble" ? found.refusal : undefined;
  } catch (error) {
    return away(address, error);
  } finally {
    line.socket.destroy();
  }
}

const notSent = (refusal: NestRefusal): PrintEnd => ({ kind: "not-sent", refusal });
const away = (address: PrinterAddress, error: unknown): NestRefusal => {
  const reason = error instanceof Error ? error.message : String(error);
  return refusalFrom("label.printer_away", `${printerText(address)}: ${reason}`);
};

/** A connection, with what the printer did to it. */
interface Line {
  readonly socket: Socket;
  /** What it has said. */
  readonly heard: () => string;
  /** It has closed its end, or the connection broke: how. Undefined while it is whole. */
  readonly over: () => string | undefined;
  /** Resolves when the connection is closed on both sides, or broke. */
  readonly closed: Promise<void>;
}

function open({ host, port }: PrinterAddress): Line {
  // Half-open: the printer's end is something to see, and not yet ours.
  const socket = connect({ host, port, allowHalfOpen: true });
  let heard = "";
  let over: string | undefined;
  socket.setNoDelay(true);
  socket.on("data", (chunk) => {
    heard = (heard + chunk.toString("latin1")).slice(-1000);
  });
  socket.on("end", () => {
    over ??= "the printer closed the connection";
  });
  socket.on("error", (error) => {
    over = error.message;
  });
  const closed = new Promise<void>((resolve) => {
    socket.once("close", () => resolve());
  });
  return { socket, heard: () => heard, over: () => over, closed };
}

/** Whether `what` came within the time. What has come counts also where this PC was too busy to look at it before the time was over. */
async function within(ms: number, what: Promise<unknown>): Promise<boolean> {
  const ended = new AbortController();
  // A turn of the event loop rings its timers first and reads its sockets then.
  const late = pause(ms, false, { signal: ended.signal })
    .then(() => nextTurn(false))
    .catch(() => false);
  try {
    return await Promise.race([what.then(() => true), late]);
  } finally {
    ended.abort();
  }
}

type Readiness =
  | { readonly kind: "ready" }
  /** It says nothing of itself. */
  | { readonly kind: "silent" }
  | { readonly kind: "trouble"; readonly refusal: NestRefusal };

/** Connects, and asks whether it can print. Rejects where it cannot be reached. */
async function readiness(line: Line, times: PrinterTimes, asks: boolean): Promise<Readiness> {
  const { socket, closed } = line;
  const connected = new Promise<void>((resolve) => {
    socket.once("connect", () => resolve());
  });
  const isThere = await within(times.waitMs, Promise.race([connected, closed]));
  mustBeWhole(line);
  if (!isThere) throw new RangeError(`no answer within ${times.waitMs / 1000} s`);
  if (!asks) return { kind: "ready" };
  const said = new Promise<void>((resolve) => {
    socket.on("data", () => {
      if (isWholeStatus(line.heard())) resolve();
    });
  });
  socket.write(ASK_STATUS);
  const answered = await within(times.statusMs, Promise.race([said, closed]));
  mustBeWhole(line);
  if (!answered) return { kind: "silent" };
  const trouble = troubleIn(line.heard());
  if (trouble === undefined) return { kind: "ready" };
  const detail = `The printer says: ${trouble}.`;
  return { kind: "trouble", refusal: refusalFrom("label.printer_not_ready", detail) };
}

function mustBeWhole(line: Line): void {
  const over = line.over();
  if (over !== undefined) throw new RangeError(over);
}

/** From here on a label may come out. */
async function send(line: Line, zpl: string, times: PrinterTimes): Promise<PrintEnd> {
  const { socket, over, closed } = line;
  const doubtful = (detail: string): PrintEnd => ({ kind: "doubtful", detail });
  const written = new Promise<void>((resolve) => {
    socket.write(zpl, "utf8", () => resolve());
  });
  const isTaken = await within(times.waitMs, Promise.race([written, closed]));
  if (!isTaken) return doubtful(`the printer took nothing more for ${times.waitMs / 1000} s`);
  await within(times.settleMs, closed);
  const early = over();
  if (early !== undefined) return doubtful(early);
  socket.end();
  const isClosed = await within(times.waitMs, closed);
  if (!isClosed) return doubtful(`the printer kept the connection for ${times.waitMs / 1000} s`);
  return socket.errored === null ? { kind: "printed" } : doubtful(socket.errored.message);
}
