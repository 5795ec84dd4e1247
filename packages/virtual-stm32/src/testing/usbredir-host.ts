import { connect, type Socket } from "node:net";
import { Chunks } from "../wire/chunks.ts";

export interface Received {
  readonly type: number;
  readonly id: number;
  readonly payload: Buffer;
}

/** The host's end, with 32-bit ids unless `wide`. */
export class UsbRedirHost {
  readonly #socket: Socket;
  readonly #input = new Chunks();
  readonly #wide: boolean;
  /** Resolves when the connection is gone. */
  readonly ended: Promise<undefined>;
  #first = true;
  #wake: () => void = () => undefined;

  constructor(port: number, wide: boolean) {
    this.#wide = wide;
    this.#socket = connect(port, "127.0.0.1");
    this.ended = new Promise((resolve) => this.#socket.on("close", () => resolve(undefined)));
    this.#socket.on("data", (chunk) => {
      this.#input.push(Buffer.from(chunk));
      this.#wake();
    });
    const hello = Buffer.alloc(68);
    hello.write("test");
    hello.writeUInt32LE(wide ? 1 << 5 : 0, 64);
    const header = Buffer.alloc(12);
    header.writeUInt32LE(68, 4);
    this.#socket.write(Buffer.concat([header, hello]));
  }

  close(): void {
    this.#socket.destroy();
  }

  /** Closes when all that was sent has been read, or refused. */
  async finish(): Promise<void> {
    this.#socket.on("error", () => undefined);
    this.#socket.end();
    await this.ended;
  }

  send(type: number, id: number, payload: Uint8Array = new Uint8Array()): void {
    const header = Buffer.alloc(this.#wide ? 16 : 12);
    header.writeUInt32LE(type, 0);
    header.writeUInt32LE(payload.length, 4);
    if (this.#wide) header.writeBigUInt64LE(BigInt(id), 8);
    else header.writeUInt32LE(id, 8);
    this.#socket.write(Buffer.concat([header, payload]));
  }

  async receive(): Promise<Received> {
    const size = this.#wide && !this.#first ? 16 : 12;
    this.#first = false;
    const header = await this.#read(size);
    return {
      type: header.readUInt32LE(0),
      id: header.readUInt32LE(8),
      payload: await this.#read(header.readUInt32LE(4)),
    };
  }

  control(
    id: number,
    requestType: number,
    request: number,
    value: number,
    length: number,
    data: Uint8Array = new Uint8Array(),
  ): void {
    const packet = Buffer.alloc(10);
    packet[0] = requestType & 0x80;
    packet[1] = request;
    packet[2] = requestType;
    packet.writeUInt16LE(value, 4);
    packet.writeUInt16LE(length, 8);
    this.send(100, id, Buffer.concat([packet, data]));
  }

  async #read(length: number): Promise<Buffer> {
    while (this.#input.length < length) {
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
    return Buffer.from(this.#input.take(length));
  }
}
