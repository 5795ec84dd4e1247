import { connect, type Socket } from "node:net";
import { Chunks } from "../wire/chunks.ts";

const DEVICE_RECORD = 312;

/** The client side, byte by byte, written from the protocol's description and from nothing of the server. */
export class UsbIpClient {
  readonly #socket: Socket;
  readonly #input = new Chunks();
  #wake: () => void = () => undefined;
  ended = false;

  constructor(port: number) {
    this.#socket = connect(port, "127.0.0.1");
    this.#socket.on("data", (chunk) => {
      this.#input.push(Buffer.from(chunk));
      this.#wake();
    });
    this.#socket.on("close", () => {
      this.ended = true;
      this.#wake();
    });
  }

  close(): void {
    this.#socket.destroy();
  }

  send(...parts: Uint8Array[]): void {
    this.#socket.write(Buffer.concat(parts));
  }

  async read(length: number): Promise<Buffer> {
    while (this.#input.length < length && !this.ended) {
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
    return this.#input.take(length);
  }

  async untilEnd(): Promise<void> {
    while (!this.ended) {
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
  }

  async import(busId: string): Promise<number> {
    const id = Buffer.alloc(32);
    id.write(busId);
    this.send(Buffer.from([0x01, 0x11, 0x80, 0x03, 0, 0, 0, 0]), id);
    const status = (await this.read(8)).readUInt32BE(4);
    if (status === 0) await this.read(DEVICE_RECORD);
    return status;
  }

  submit(sequence: number, setup: readonly number[], out: Uint8Array = new Uint8Array()): void {
    const header = Buffer.alloc(48);
    header.writeUInt32BE(1, 0);
    header.writeUInt32BE(sequence, 4);
    header.writeUInt32BE(0x0001_0001, 8);
    header.writeUInt32BE(((setup[0] ?? 0) & 0x80) === 0 ? 0 : 1, 12);
    const length = (setup[6] ?? 0) | ((setup[7] ?? 0) << 8);
    header.writeUInt32BE(length, 24);
    header.set(setup, 40);
    this.send(header, out);
  }

  unlink(sequence: number, victim: number): void {
    const header = Buffer.alloc(48);
    header.writeUInt32BE(2, 0);
    header.writeUInt32BE(sequence, 4);
    header.writeUInt32BE(victim, 20);
    this.send(header);
  }

  async reply(
    isIn: boolean,
  ): Promise<{ command: number; sequence: number; status: number; data: Buffer }> {
    const header = await this.read(48);
    const length = header.readUInt32BE(24);
    const command = header.readUInt32BE(0);
    const status = header.readInt32BE(20);
    return {
      command,
      sequence: header.readUInt32BE(4),
      status,
      data: isIn && command === 3 && status === 0 ? await this.read(length) : Buffer.alloc(0),
    };
  }
}
