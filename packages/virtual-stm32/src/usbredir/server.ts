import type { Socket } from "node:net";
import type { VirtualUnit } from "../unit/virtual-unit.ts";
import { isIn, type SetupPacket, StandardRequest } from "../usb/setup.ts";
import { Chunks } from "../wire/chunks.ts";
import { listen, type WireServer } from "../wire/listen.ts";
import { type Completion, ControlSession } from "../wire/session.ts";
import {
  CONTROL_HEADER,
  deviceConnect,
  endpointInfo,
  headerLength,
  hello,
  interfaceInfo,
  LARGEST_PACKET,
  Packet,
  type PacketHeader,
  packet,
  parseHeader,
  peerIsWide,
  Status,
} from "./wire.ts";

/** Which unit a usbredir server exports, and where it listens. */
export interface UsbRedirOptions {
  readonly unit: VirtualUnit;
  /** 0 takes a free port. */
  readonly port: number;
  readonly host?: string;
}

/**
 * The device end of usbredir, for QEMU's usb-redir: the unit sits behind the machine's own controllers and hubs, and a bus
 * reset reaches it. One host at a time; a second connection is closed.
 * @throws SimError sim.listen
 */
export async function serveUsbRedir(options: UsbRedirOptions): Promise<WireServer> {
  let taken = false;
  return await listen({ host: options.host ?? "127.0.0.1", port: options.port }, (socket) => {
    if (taken) {
      socket.destroy();
      return;
    }
    taken = true;
    const link = new RedirLink(socket, options.unit);
    socket.on("close", () => {
      taken = false;
      link.close();
    });
  });
}

class RedirLink {
  readonly #socket: Socket;
  readonly #unit: VirtualUnit;
  readonly #input = new Chunks();
  readonly #unwatch: () => void;
  readonly #headers = new Map<bigint, Buffer>();
  #wide = false;
  #greeted = false;
  #session: ControlSession | undefined;
  /** Ends the wait for the unit's return. */
  #return = new AbortController();

  constructor(socket: Socket, unit: VirtualUnit) {
    this.#socket = socket;
    this.#unit = unit;
    socket.write(hello());
    socket.on("data", (chunk: Buffer) => this.#read(chunk));
    this.#unwatch = this.#unit.onPresence(() => this.#expect());
  }

  close(): void {
    this.#unwatch();
    this.#return.abort();
    this.#session?.close();
  }

  #send(type: number, id: bigint, ...parts: Uint8Array[]): void {
    this.#socket.write(packet(type, id, this.#wide, ...parts));
  }

  /** Announces the unit when it is back, if it is known when. */
  #expect(): void {
    this.#return.abort();
    const { backInMs } = this.#unit;
    if (this.#session || backInMs === undefined) return;
    this.#return = new AbortController();
    this.#unit.clock.sleep(backInMs, this.#return.signal).then(
      () => this.#announce(),
      () => undefined,
    );
  }

  /** A unit that is on the bus and not announced yet. */
  #announce(): void {
    if (!this.#greeted || this.#session) return;
    if (!this.#unit.onBus) {
      this.#expect();
      return;
    }
    const device = this.#unit.summary;
    this.#send(Packet.InterfaceInfo, 0n, interfaceInfo(device.interfaceClass));
    this.#send(Packet.EndpointInfo, 0n, endpointInfo());
    this.#send(Packet.DeviceConnect, 0n, deviceConnect(device));
    this.#session = new ControlSession(this.#unit, {
      complete: (id, setup, reply) => this.#complete(id, setup, reply),
      left: () => {
        this.#session = undefined;
        this.#headers.clear();
        this.#send(Packet.DeviceDisconnect, 0n);
        this.#expect();
      },
    });
  }

  #read(chunk: Buffer): void {
    this.#input.push(chunk);
    for (;;) {
      const head = this.#input.peek(headerLength(this.#wide));
      if (!head) return;
      const header = parseHeader(head, this.#wide);
      if (header.length > LARGEST_PACKET) {
        this.#socket.destroy();
        return;
      }
      const whole = head.length + header.length;
      if (!this.#input.peek(whole)) return;
      this.#handle(header, this.#input.take(whole).subarray(head.length));
    }
  }

  #handle(header: PacketHeader, payload: Buffer): void {
    switch (header.type) {
      case Packet.Hello:
        this.#wide = peerIsWide(payload);
        this.#greeted = true;
        this.#announce();
        return;
      case Packet.Reset:
        this.#unit.busReset();
        // A host that resets a port configures the device as before.
        this.#unit.configure();
        return;
      case Packet.SetConfiguration:
        this.#sendConfiguration(
          header.id,
          this.#standard(0x00, StandardRequest.SetConfiguration, payload[0] ?? 0),
        );
        return;
      case Packet.GetConfiguration:
        this.#sendConfiguration(header.id, Status.Success);
        return;
      case Packet.SetAlternate:
        this.#sendAlternate(
          header.id,
          payload[0] ?? 0,
          this.#standard(0x01, StandardRequest.SetInterface, payload[1] ?? 0, payload[0] ?? 0),
        );
        return;
      case Packet.GetAlternate:
        this.#sendAlternate(header.id, payload[0] ?? 0, Status.Success);
        return;
      case Packet.CancelData:
        this.#cancel(header.id);
        return;
      case Packet.Control:
        this.#control(header.id, payload);
        return;
      default:
      // Bulk, interrupt and filter packets have no meaning for a device with endpoint 0 alone.
    }
  }

  #standard(requestType: number, request: number, value: number, index = 0): number {
    const reply = this.#unit.handleControl({ requestType, request, value, index, length: 0 });
    if (reply.kind === "data") return Status.Success;
    return reply.kind === "stall" ? Status.Stall : Status.IoError;
  }

  #sendConfiguration(id: bigint, status: number): void {
    this.#send(Packet.ConfigurationStatus, id, Buffer.from([status, this.#unit.configuration]));
  }

  #sendAlternate(id: bigint, number: number, status: number): void {
    this.#send(Packet.AlternateStatus, id, Buffer.from([status, number, this.#unit.alternate]));
  }

  #control(id: bigint, payload: Buffer): void {
    if (payload.length < CONTROL_HEADER) {
      this.#socket.destroy();
      return;
    }
    const header = Buffer.from(payload.subarray(0, CONTROL_HEADER));
    const setup: SetupPacket = {
      request: header.readUInt8(1),
      requestType: header.readUInt8(2),
      value: header.readUInt16LE(4),
      index: header.readUInt16LE(6),
      length: header.readUInt16LE(8),
    };
    if (!this.#session) {
      this.#answer(id, header, Status.IoError, 0);
      return;
    }
    this.#headers.set(id, header);
    this.#session.submit(id, setup, payload.subarray(CONTROL_HEADER));
  }

  #cancel(id: bigint): void {
    const header = this.#headers.get(id);
    if (!this.#session?.cancel(id) || !header) return;
    this.#answer(id, header, Status.Cancelled, 0);
  }

  #complete(id: bigint, setup: SetupPacket, reply: Completion): void {
    const header = this.#headers.get(id);
    if (!header) return;
    switch (reply.kind) {
      case "gone":
        this.#answer(id, header, Status.IoError, 0);
        return;
      case "stall":
        this.#answer(id, header, Status.Stall, 0);
        return;
      case "data":
        if (isIn(setup)) this.#answer(id, header, Status.Success, reply.data.length, reply.data);
        else this.#answer(id, header, Status.Success, setup.length);
    }
  }

  #answer(id: bigint, header: Buffer, status: number, length: number, data?: Uint8Array): void {
    this.#headers.delete(id);
    header.writeUInt8(status, 3);
    header.writeUInt16LE(length, 8);
    this.#send(Packet.Control, id, header, ...(data ? [data] : []));
  }
}
