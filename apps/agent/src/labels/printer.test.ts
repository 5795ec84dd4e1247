import { once } from "node:events";
import { type AddressInfo, createServer, type Socket } from "node:net";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { printerText, readPrinterAddress } from "./address.ts";
import { troubleIn } from "./host-status.ts";
import { lookAtPrinter, networkPrinter } from "./printer.ts";
import { startZplPrinter, statusOf, type ZplPrinter } from "./zpl-printer.ts";

const ZPL = "^XA^FO20,20^FDMC2-1^FS^XZ";
/** Nothing of a printer that answers is late, however busy the machine is. */
const TIMES = { waitMs: 10_000, statusMs: 10_000, settleMs: 60 };
/** Where the end of a wait is what the test is about. */
const SHORT = { ...TIMES, waitMs: 1_500, statusMs: 1_000 };

let printer: ZplPrinter;
let begun: number;
beforeEach(async () => {
  printer = await startZplPrinter();
  begun = 0;
});
afterEach(() => printer.close());

const begin = () => {
  begun += 1;
  return Promise.resolve();
};
const print = (zpl = ZPL, times = TIMES) =>
  networkPrinter(printer.address, times).print(zpl, begin);

describe("a label on its way to the printer", () => {
  it("is printed once the printer took all of it and closed", async () => {
    expect(await print()).toEqual({ kind: "printed" });
    const logo = `^XA^GFA,${"F0".repeat(15_000)}^FS^XZ`;
    expect(await print(logo)).toEqual({ kind: "printed" });
    expect(printer.jobs).toEqual([ZPL, logo]);
    expect(begun).toBe(2);
  });

  it.each(["hangs", "dies", "closes-early"] as const)(
    "is doubtful where the printer %s",
    async (manner) => {
      printer.manner = manner;
      expect(await print(ZPL, SHORT)).toMatchObject({ kind: "doubtful" });
      expect(begun).toBe(1);
      expect(printer.jobs).toEqual([]);
    },
  );

  it.each(["resets", "closes"] as const)(
    "has not left where the printer %s at once",
    async (manner) => {
      printer.manner = manner;
      const end = await print(ZPL, SHORT);
      expect(end).toMatchObject({ kind: "not-sent", refusal: { code: "label.printer_away" } });
      expect(begun).toBe(0);
    },
  );

  it("has not left where nobody listens, and where the name is nobody's", async () => {
    const { port } = printer.address;
    await printer.close();
    for (const host of ["127.0.0.1", "no-such-printer.invalid"]) {
      const end = await networkPrinter({ host, port }, SHORT).print(ZPL, begin);
      expect(end).toMatchObject({ kind: "not-sent", refusal: { code: "label.printer_away" } });
    }
    expect(begun).toBe(0);
    printer = await startZplPrinter();
  });

  it("has not left where the printer is open, paused or without paper", async () => {
    for (const is of [{ paperOut: true }, { paused: true }, { open: true }]) {
      printer.status = statusOf(is);
      const end = await print();
      expect(end).toMatchObject({ kind: "not-sent", refusal: { code: "label.printer_not_ready" } });
    }
    expect(begun).toBe(0);
    expect(printer.received.join("")).toBe("");
    expect(await lookAtPrinter(printer.address, TIMES)).toMatchObject({
      detail: "The printer says: open.",
    });
  });

  it("waits for a printer that says nothing of itself only once", async () => {
    printer.status = null;
    const silent = networkPrinter(printer.address, { ...TIMES, statusMs: 200 });
    expect(await silent.print(ZPL, begin)).toEqual({ kind: "printed" });
    expect(await silent.print(ZPL, begin)).toEqual({ kind: "printed" });
    expect(printer.asked).toBe(1);
    expect(printer.jobs).toEqual([ZPL, ZPL]);
  });

  /** Keeps this process, which is the agent's, from everything for so long. */
  const stall = (ms: number): void => {
    const until = performance.now() + ms;
    while (performance.now() < until);
  };
  /** A printer that does so when something comes in. */
  async function printerThat(answers: (socket: Socket, chunk: string) => void) {
    const server = createServer({ allowHalfOpen: true }, (socket) => {
      socket.on("error", () => undefined);
      socket.on("data", (chunk) => answers(socket, chunk.toString()));
      socket.on("end", () => socket.end());
    });
    server.listen(0, "127.0.0.1");
    await once(server, "listening");
    const { port } = server.address() as AddressInfo;
    return { server, at: { host: "127.0.0.1", port } };
  }

  it("has not left where the PC was busy when the printer said that it has no paper", async () => {
    const { server, at } = await printerThat((socket) => {
      socket.write(statusOf({ paperOut: true }));
      stall(400);
    });
    const end = await networkPrinter(at, { ...TIMES, statusMs: 300 }).print(ZPL, begin);
    expect(end).toMatchObject({ kind: "not-sent", refusal: { code: "label.printer_not_ready" } });
    server.close();
  });

  it("is doubtful where the PC was busy when the printer closed without taking it", async () => {
    const { server, at } = await printerThat((socket, chunk) => {
      if (chunk.includes("~HS")) socket.write(statusOf());
      if (!chunk.includes("^XA")) return;
      socket.end(() => setImmediate(stall, 400));
    });
    const end = await networkPrinter(at, { ...TIMES, settleMs: 300 }).print(ZPL, begin);
    expect(end).toMatchObject({ kind: "doubtful" });
    server.close();
  });

  it("does not leave where its beginning could not be written down", async () => {
    const end = await networkPrinter(printer.address, TIMES).print(ZPL, () =>
      Promise.reject(new Error("disk full")),
    );
    expect(end.kind).toBe("not-sent");
    expect(printer.received.join("")).toBe("");
  });
});

describe("what a printer says of itself", () => {
  it("is believed only as the manual writes it", () => {
    expect(troubleIn(statusOf())).toBeUndefined();
    expect(troubleIn(statusOf({ paperOut: true }))).toBe("no paper");
    expect(troubleIn(statusOf({ paperOut: true }).slice(0, 60))).toBeUndefined();
    expect(troubleIn(statusOf({ paperOut: true }).replaceAll(",", ";"))).toBeUndefined();
    expect(troubleIn("\u0002ERROR\u0003\u0002\u0003\u0002\u0003")).toBeUndefined();
  });
});

describe("where a printer is", () => {
  it.each([
    ["10.1.2.3", "10.1.2.3:9100"],
    ["zebra-l3:6101", "zebra-l3:6101"],
    ["[fd00::20]", "[fd00::20]:9100"],
    ["[fd00::20]:6101", "[fd00::20]:6101"],
  ])("%s is %s", (text, is) => {
    const address = readPrinterAddress(text);
    expect(address === undefined ? undefined : printerText(address)).toBe(is);
  });

  it.each(["", "zebra:", "zebra:0", "zebra:70000", "http://zebra", "a b", "fd00::20"])(
    "%s is nowhere",
    (text) => {
      expect(readPrinterAddress(text)).toBeUndefined();
    },
  );
});
