import { once } from "node:events";
import { createServer, type Socket } from "node:net";
import type { PrinterAddress } from "./address.ts";

/** What the printer of a test does with the next connections. */
export type PrinterManner =
  /** Takes the job, and closes when the sender has. */
  | "prints"
  /** Takes the job, and does not close. */
  | "hangs"
  /** Breaks the connection when the label begins to come in. */
  | "dies"
  /** Closes as soon as somebody connects. */
  | "closes"
  /** Closes in the middle of the job. */
  | "closes-early"
  /** Breaks every connection before a byte comes in. */
  | "resets";

/** A network label printer for tests, without paper: a server on 127.0.0.1. */
export interface ZplPrinter {
  readonly address: PrinterAddress;
  /** What came in whole, in this order; without questions about the printer's state. */
  readonly jobs: readonly string[];
  /** What came in by connection, whole or not. */
  readonly received: readonly string[];
  manner: PrinterManner;
  /** The answer to ~HS; null: it says nothing of itself. */
  status: string | null;
  /** How often it was asked. */
  readonly asked: number;
  close(): Promise<void>;
}

/** Host status as the ZPL manual writes it down. */
export const statusOf = (is: { paperOut?: boolean; paused?: boolean; open?: boolean } = {}) =>
  [
    `030,${Number(is.paperOut ?? false)},${Number(is.paused ?? false)},1245,000,0,0,0,000,0,0,0`,
    `000,0,${Number(is.open ?? false)},0,0,2,4,0,00000000,1,000`,
    "1234,0",
  ]
    .map((text) => `\u0002${text}\u0003\r\n`)
    .join("");

export async function startZplPrinter(port = 0): Promise<ZplPrinter> {
  const jobs: string[] = [];
  const received: string[] = [];
  const sockets = new Set<Socket>();
  const printer = {
    manner: "prints" as PrinterManner,
    status: statusOf() as string | null,
    asked: 0,
  };

  const server = createServer({ allowHalfOpen: true }, (socket) => {
    const at = received.push("") - 1;
    sockets.add(socket);
    socket.on("close", () => sockets.delete(socket));
    socket.on("error", () => undefined);
    if (printer.manner === "resets") return void socket.resetAndDestroy();
    if (printer.manner === "closes") return void socket.end();
    socket.on("data", (chunk) => {
      const all = (received[at] ?? "") + chunk.toString();
      const text = all.replaceAll("~HS", "");
      const questions = (all.length - text.length) / 3;
      received[at] = text;
      printer.asked += questions;
      if (questions > 0 && printer.status !== null) socket.write(printer.status);
      if (text === "") return;
      if (printer.manner === "dies") socket.resetAndDestroy();
      if (printer.manner === "closes-early") socket.end();
    });
    socket.on("end", () => {
      if (printer.manner !== "prints") return;
      if (received[at] !== "") jobs.push(received[at] ?? "");
      socket.end();
    });
    return undefined;
  });
  server.listen(port, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  const listening = typeof address === "object" && address !== null ? address.port : 0;
  return Object.assign(printer, {
    address: { host: "127.0.0.1", port: listening },
    jobs,
    received,
    async close() {
      for (const socket of sockets) socket.destroy();
      server.close();
      await once(server, "close");
    },
  });
}
