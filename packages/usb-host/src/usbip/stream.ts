import { connect, type Socket } from "node:net";
import { type AbortSignalLike, LinkError, LinkFault } from "@flashline/dfu-core/protocol";
import { linkErrorFromSocket } from "../errors.ts";

export interface ServerAddress {
  readonly host: string;
  readonly port: number;
}

const CONNECT_TIMEOUT_MS = 3000;

/** A TCP connection that is read in exact amounts. One reader at a time. */
export class ByteStream {
  readonly #socket: Socket;
  #buffered = Buffer.alloc(0);
  #ended: LinkError | undefined;
  #waiting:
    | { bytes: number; resolve(bytes: Buffer): void; reject(error: LinkError): void }
    | undefined;

  private constructor(socket: Socket) {
    this.#socket = socket;
    socket.on("data", (chunk) => {
      this.#buffered = this.#buffered.length === 0 ? chunk : Buffer.concat([this.#buffered, chunk]);
      this.#serve();
    });
    socket.on("error", (error) => this.#end(linkErrorFromSocket(error, "USB/IP connection")));
    socket.on("close", () =>
      this.#end(new LinkError(LinkFault.Gone, "the USB/IP server closed the connection")),
    );
  }

  /** @throws LinkError `io` when the server cannot be reached, or `signal.reason` when aborted */
  static open(address: ServerAddress, signal?: AbortSignalLike): Promise<ByteStream> {
    const what = `USB/IP server ${address.host}:${address.port}`;
    return new Promise((resolve, reject) => {
      if (signal?.aborted === true) return reject(signal.reason);
      const socket = connect(address.port, address.host);
      const end = (reason: unknown) => {
        signal?.removeEventListener("abort", onAbort);
        socket.destroy();
        reject(reason);
      };
      const onAbort = () => end(signal?.reason);
      const fail = (error: unknown) => end(linkErrorFromSocket(error, what));
      signal?.addEventListener("abort", onAbort, { once: true });
      socket.setTimeout(CONNECT_TIMEOUT_MS, () =>
        fail(new LinkError(LinkFault.Io, `${what}: no answer within ${CONNECT_TIMEOUT_MS} ms`)),
      );
      socket.once("error", fail);
      socket.once("connect", () => {
        socket.off("error", fail);
        signal?.removeEventListener("abort", onAbort);
        socket.setTimeout(0);
        socket.setNoDelay(true);
        resolve(new ByteStream(socket));
      });
    });
  }

  read(bytes: number): Promise<Buffer> {
    return new Promise((resolve, reject) => {
      this.#waiting = { bytes, resolve, reject };
      this.#serve();
    });
  }

  write(bytes: Buffer): void {
    if (this.#ended === undefined) this.#socket.write(bytes);
  }

  close(): void {
    this.#socket.destroy();
    this.#end(new LinkError(LinkFault.Gone, "the USB/IP connection is closed"));
  }

  #serve(): void {
    const waiting = this.#waiting;
    if (waiting === undefined) return;
    if (this.#buffered.length >= waiting.bytes) {
      this.#waiting = undefined;
      const bytes = this.#buffered.subarray(0, waiting.bytes);
      this.#buffered = this.#buffered.subarray(waiting.bytes);
      waiting.resolve(bytes);
    } else if (this.#ended !== undefined) {
      this.#waiting = undefined;
      waiting.reject(this.#ended);
    }
  }

  #end(error: LinkError): void {
    this.#ended ??= error;
    this.#serve();
  }
}

/** Rejects and closes the stream when `work` takes longer than `timeoutMs`, and with `signal.reason` when aborted. */
export async function withDeadline<T>(
  stream: ByteStream,
  timeoutMs: number,
  work: (stream: ByteStream) => Promise<T>,
  signal?: AbortSignalLike,
): Promise<T> {
  const close = () => stream.close();
  const timer = setTimeout(close, timeoutMs);
  signal?.addEventListener("abort", close, { once: true });
  try {
    signal?.throwIfAborted();
    return await work(stream);
  } catch (error) {
    signal?.throwIfAborted();
    throw error;
  } finally {
    clearTimeout(timer);
    signal?.removeEventListener("abort", close);
  }
}
