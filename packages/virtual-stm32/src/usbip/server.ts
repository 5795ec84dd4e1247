import type { Socket } from "node:net";
import type { VirtualUnit } from "../unit/virtual-unit.ts";
import { isIn, parseSetup, type SetupPacket, StandardRequest } from "../usb/setup.ts";
import { Chunks } from "../wire/chunks.ts";
import { listen, type WireServer } from "../wire/listen.ts";
import { type Completion, ControlSession } from "../wire/session.ts";
import {
  BUS_ID_LENGTH,
  COMMAND_HEADER,
  deviceRecord,
  Errno,
  interfaceRecord,
  OPERATION_HEADER,
  Operation,
  OperationStatus,
  operationHeader,
  parseCommand,
  type SubmitCommand,
  submitReply,
  unlinkReply,
} from "./wire.ts";

/** Which units a USB/IP server exports, and where it listens. */
export interface UsbIpOptions {
  /** Unit k has busid 1-k, counted from 1. The array may not change; the unit in a place may (`replace`). */
  readonly units: readonly VirtualUnit[];
  /** 3240 is the protocol's port; 0 takes a free one. */
  readonly port: number;
  readonly host?: string;
}

/** How a server knows its units: by busid, and which are taken. */
interface Shelf {
  readonly units: readonly VirtualUnit[];
  readonly imported: Set<VirtualUnit>;
}

const busIdOf = (index: number): string => `1-${index + 1}`;

/**
 * The server side of USB/IP: works with Linux' `usbip attach` and with user-space clients.
 * @throws SimError sim.listen
 */
export function serveUsbIp(options: UsbIpOptions): Promise<WireServer> {
  const shelf: Shelf = { units: options.units, imported: new Set() };
  return listen({ host: options.host ?? "127.0.0.1", port: options.port }, (socket) =>
    converse(socket, shelf),
  );
}

/** Lists and imports until one import succeeds; from then on the socket carries that unit's transfers. */
function converse(socket: Socket, shelf: Shelf): void {
  const input = new Chunks();
  let link: UnitLink | undefined;
  socket.on("close", () => link?.close());
  socket.on("data", (chunk: Buffer) => {
    input.push(chunk);
    if (!link) link = operations(socket, input, shelf);
    link?.read(input);
  });
}

function operations(socket: Socket, input: Chunks, shelf: Shelf): UnitLink | undefined {
  for (let header = input.peek(OPERATION_HEADER); header; header = input.peek(OPERATION_HEADER)) {
    const code = header.readUInt16BE(2);
    if (code === Operation.RequestList) {
      input.take(OPERATION_HEADER);
      socket.write(deviceList(shelf));
    } else if (code === Operation.RequestImport) {
      if (!input.peek(OPERATION_HEADER + BUS_ID_LENGTH)) return undefined;
      const text = input
        .take(OPERATION_HEADER + BUS_ID_LENGTH)
        .toString("latin1", OPERATION_HEADER);
      const link = importUnit(socket, shelf, text.split("\0")[0] ?? "");
      if (link) return link;
    } else {
      socket.destroy();
      return undefined;
    }
  }
  return undefined;
}

/** Imported units stay on the list: a client that rescans must not take them for unplugged. */
function deviceList(shelf: Shelf): Buffer {
  const records = shelf.units.flatMap((unit, index) =>
    unit.onBus ? [deviceRecord(unit, busIdOf(index)), interfaceRecord(unit)] : [],
  );
  const count = Buffer.alloc(4);
  count.writeUInt32BE(records.length / 2, 0);
  return Buffer.concat([
    operationHeader(Operation.ReplyList, OperationStatus.Ok),
    count,
    ...records,
  ]);
}

function importUnit(socket: Socket, shelf: Shelf, busId: string): UnitLink | undefined {
  const index = shelf.units.findIndex((_, at) => busIdOf(at) === busId);
  const unit = shelf.units[index];
  const status = !unit?.onBus
    ? OperationStatus.NoDevice
    : shelf.imported.has(unit)
      ? OperationStatus.Busy
      : OperationStatus.Ok;
  const header = operationHeader(Operation.ReplyImport, status);
  if (!unit || status !== OperationStatus.Ok) {
    socket.write(header);
    return undefined;
  }
  socket.write(Buffer.concat([header, deviceRecord(unit, busId)]));
  return new UnitLink(socket, unit, shelf.imported);
}

/** An imported unit on its socket. */
class UnitLink {
  readonly #socket: Socket;
  readonly #unit: VirtualUnit;
  readonly #imported: Set<VirtualUnit>;
  readonly #session: ControlSession;

  constructor(socket: Socket, unit: VirtualUnit, imported: Set<VirtualUnit>) {
    this.#socket = socket;
    this.#unit = unit;
    this.#imported = imported;
    imported.add(unit);
    this.#session = new ControlSession(unit, {
      complete: (id, setup, reply) => this.#reply(id, setup, reply),
      left: () => {
        this.close();
        socket.end();
      },
    });
  }

  read(input: Chunks): void {
    for (let header = input.peek(COMMAND_HEADER); header; header = input.peek(COMMAND_HEADER)) {
      const command = parseCommand(header);
      if (!command) {
        this.#socket.destroy();
        return;
      }
      if (command.kind === "unlink") {
        input.take(COMMAND_HEADER);
        this.#unlink(command.sequence, BigInt(command.victim));
        continue;
      }
      const size = COMMAND_HEADER + (command.direction === "out" ? command.length : 0);
      if (!input.peek(size)) return;
      this.#submit(command, input.take(size).subarray(COMMAND_HEADER));
    }
  }

  close(): void {
    this.#session.close();
    this.#imported.delete(this.#unit);
  }

  #submit(command: SubmitCommand, data: Uint8Array): void {
    const setup = parseSetup(command.setup);
    const id = BigInt(command.sequence);
    if (command.endpoint !== 0) {
      this.#socket.write(submitReply(command.sequence, Errno.Pipe, 0));
      return;
    }
    // The host's bus reset stays on its side of the wire; what does arrive is the SET_CONFIGURATION after it.
    if (setup.requestType === 0 && setup.request === StandardRequest.SetConfiguration) {
      this.#unit.busReset();
    }
    this.#session.submit(id, setup, data);
  }

  #unlink(sequence: number, victim: bigint): void {
    const was = this.#session.cancel(victim);
    this.#socket.write(unlinkReply(sequence, was ? Errno.ConnectionReset : 0));
  }

  #reply(id: bigint, setup: SetupPacket, reply: Completion): void {
    const sequence = Number(id);
    switch (reply.kind) {
      case "gone":
        this.#socket.write(submitReply(sequence, Errno.NoDevice, 0));
        return;
      case "stall":
        this.#socket.write(submitReply(sequence, Errno.Pipe, 0));
        return;
      case "data":
        this.#socket.write(
          isIn(setup)
            ? submitReply(sequence, 0, reply.data.length, reply.data)
            : submitReply(sequence, 0, setup.length),
        );
    }
  }
}
