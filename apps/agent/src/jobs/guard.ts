import {
  changesFlash,
  DfuRequest,
  DfuSeCommand,
  type DfuTransport,
  LinkError,
  LinkFault,
  wrapTransport,
} from "@flashline/dfu-core/protocol";

/** A transport that lets nothing change flash before the journal knows. */
export interface GuardedTransport extends DfuTransport {
  /** A request that changes flash was let through. */
  readonly touched: boolean;
  /** Why no request passes any more; undefined while requests pass. */
  readonly refusal: unknown;
}

/**
 * Holds the first erase or data block back until `beforeTouch` resolved. This does not depend on the engine's own order. If it
 * rejects, nothing was changed and nothing will be, because every later transfer fails as if the unit were gone. Read Unprotect
 * and mass erase never pass: no job asks for them (rule 4, docs/protocol.md).
 */
export function guardTransport(
  inner: DfuTransport,
  beforeTouch: () => Promise<void>,
): GuardedTransport {
  let touched = false;
  let refusal: unknown;
  const gone = (): LinkError =>
    new LinkError(LinkFault.Gone, "the station stopped the attempt", { cause: refusal });

  const hold = async (): Promise<void> => {
    if (touched) return;
    try {
      await beforeTouch();
      touched = true;
    } catch (error) {
      refusal = error;
      throw gone();
    }
  };

  const unlessRefused =
    <A extends readonly unknown[], R>(work: (...given: A) => Promise<R>) =>
    async (...given: A): Promise<R> => {
      if (refusal !== undefined) throw gone();
      return await work(...given);
    };
  const { powerCycle } = inner;
  const guarded = wrapTransport(inner, {
    get touched() {
      return touched;
    },
    get refusal() {
      return refusal;
    },
    controlOut: unlessRefused<Parameters<DfuTransport["controlOut"]>, void>(
      async (request, value, data, timeoutMs, signal) => {
        if (request === DfuRequest.Dnload && isForbidden(value, data)) {
          refusal = new LinkError(LinkFault.Io, "a job never sends Read Unprotect or mass erase");
          throw gone();
        }
        if (changesFlash(request, value, data)) await hold();
        await inner.controlOut(request, value, data, timeoutMs, signal);
      },
    ),
    controlIn: unlessRefused(inner.controlIn.bind(inner)),
    selectAlternate: unlessRefused(inner.selectAlternate.bind(inner)),
    reset: unlessRefused(inner.reset.bind(inner)),
    reenumerate: unlessRefused(inner.reenumerate.bind(inner)),
    ...(powerCycle && { powerCycle: unlessRefused(powerCycle.bind(inner)) }),
  });
  return guarded;
}

function isForbidden(value: number, data: Uint8Array): boolean {
  if (value !== 0) return false;
  // An erase command without an address is a mass erase (AN3156, section 5).
  return (
    data[0] === DfuSeCommand.ReadUnprotect || (data[0] === DfuSeCommand.Erase && data.length < 5)
  );
}
