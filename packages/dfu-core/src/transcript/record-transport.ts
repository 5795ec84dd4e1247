import {
  type AbortSignalLike,
  type Clock,
  type DfuTransport,
  LinkError,
} from "../protocol/transport.ts";
import { wrapTransport } from "../protocol/wrap-transport.ts";
import { CLASS_IN, CLASS_OUT, type LinkEntry, type Setup, type TransferResult } from "./entry.ts";
import type { Transcript } from "./ring.ts";

const NOTHING = new Uint8Array(0);
/** USB 2.0, section 9.4.10. */
const SET_INTERFACE = { requestType: 0x01, request: 11, length: 0 } as const;

/** The same transport, with everything that goes over it written down. Changes nothing else: errors pass as they are. */
export function recordTransport(
  transport: DfuTransport,
  transcript: Transcript,
  clock: Clock,
): DfuTransport {
  const attached = (atMs: number): void => {
    const { descriptors } = transport;
    transcript.add({ kind: "attached", startMs: atMs, endMs: atMs, descriptors });
  };
  const setupOf = (requestType: number, request: number, value: number, length: number): Setup => ({
    requestType,
    request,
    value,
    index: transport.descriptors.interfaceNumber,
    length,
  });

  async function transfer(
    setup: Setup,
    sent: Uint8Array,
    work: () => Promise<unknown>,
    signal: AbortSignalLike | undefined,
  ): Promise<Uint8Array> {
    const startMs = clock.now();
    const note = (data: Uint8Array, result: TransferResult) =>
      // A copy, because the caller may change the bytes.
      transcript.add({
        kind: "transfer",
        startMs,
        endMs: clock.now(),
        setup,
        data: new Uint8Array(data),
        result,
      });
    try {
      const result = await work();
      const came = result instanceof Uint8Array ? result : NOTHING;
      note(setup.requestType >= 0x80 ? came : sent, "done");
      return came;
    } catch (error) {
      const aborted = signal?.aborted === true && error === signal.reason;
      if (aborted) note(sent, "aborted");
      else note(sent, error instanceof LinkError ? error.fault : "io");
      throw error;
    }
  }

  async function happening<T>(
    kind: LinkEntry["kind"],
    work: () => Promise<T>,
    succeeded: (result: T) => boolean,
  ): Promise<T> {
    const startMs = clock.now();
    let done = false;
    try {
      const result = await work();
      done = succeeded(result);
      return result;
    } finally {
      transcript.add({ kind, startMs, endMs: clock.now(), done });
    }
  }

  attached(clock.now());
  const { powerCycle } = transport;
  return wrapTransport(transport, {
    async controlOut(request, value, data, timeoutMs, signal) {
      const setup = setupOf(CLASS_OUT, request, value, data.length);
      const work = () => transport.controlOut(request, value, data, timeoutMs, signal);
      await transfer(setup, data, work, signal);
    },
    controlIn(request, value, length, timeoutMs, signal) {
      const setup = setupOf(CLASS_IN, request, value, length);
      const work = () => transport.controlIn(request, value, length, timeoutMs, signal);
      return transfer(setup, NOTHING, work, signal);
    },
    async selectAlternate(alternate, signal) {
      const setup = { ...setupOf(0, 0, alternate, 0), ...SET_INTERFACE };
      await transfer(setup, NOTHING, () => transport.selectAlternate(alternate, signal), signal);
    },
    reset: (signal) => happening("reset", () => transport.reset(signal), Boolean),
    async reenumerate(deadlineMs, signal) {
      const work = () => transport.reenumerate(deadlineMs, signal);
      await happening("reenumerate", work, () => true);
      attached(clock.now());
    },
    ...(powerCycle && {
      powerCycle: (signal?: AbortSignalLike) =>
        happening("power-cycle", () => powerCycle.call(transport, signal), Boolean),
    }),
  });
}
