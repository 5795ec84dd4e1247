import {
  DfuRequest,
  DfuState,
  DfuStatus,
  type DfuTransport,
  LinkError,
  LinkFault,
  wrapTransport,
} from "@flashline/dfu-core/protocol";

/** The transport with other answers where `answer` gives some; what is answered so never reaches the unit. */
export const answering = (
  transport: DfuTransport,
  answer: (request: number, value: number, length: number) => Uint8Array | undefined,
): DfuTransport =>
  wrapTransport(transport, {
    controlIn: (request, value, length, timeoutMs) => {
      const made = answer(request, value, length);
      return made === undefined
        ? transport.controlIn(request, value, length, timeoutMs)
        : Promise.resolve(made);
    },
  });

export const status = (bStatus: number, state: number, pollMs = 0): Uint8Array =>
  Uint8Array.of(bStatus, pollMs, 0, 0, state, 0);

/**
 * The unit refuses, in its own words, the next DNLOADs and UPLOADs that `when` names, `times` times: those sent are stalled,
 * and it is in dfuERROR until CLRSTATUS.
 */
export function refusing(
  transport: DfuTransport,
  bStatus: DfuStatus,
  times: number,
  when: (request: number, value: number, data: Uint8Array) => boolean,
): DfuTransport {
  let left = times;
  let refused = false;
  const strike = (request: number, value: number, data: Uint8Array): boolean => {
    if (refused || left === 0 || !when(request, value, data)) return false;
    left -= 1;
    refused = true;
    return true;
  };
  return wrapTransport(transport, {
    controlOut: async (request, value, data, timeoutMs) => {
      if (refused && request === DfuRequest.ClrStatus) {
        refused = false;
        return transport.controlOut(DfuRequest.Abort, 0, new Uint8Array(), timeoutMs);
      }
      if (strike(request, value, data)) return;
      await transport.controlOut(request, value, data, timeoutMs);
    },
    controlIn: (request, value, length, timeoutMs) => {
      if (refused && request === DfuRequest.GetState)
        return Promise.resolve(Uint8Array.of(DfuState.Error));
      if (refused && request === DfuRequest.GetStatus)
        return Promise.resolve(status(bStatus, DfuState.Error));
      if (strike(request, value, new Uint8Array()))
        return Promise.reject(new LinkError(LinkFault.Stall, "STALL"));
      return transport.controlIn(request, value, length, timeoutMs);
    },
  });
}

export const isErase = (request: number, value: number, data: Uint8Array): boolean =>
  request === DfuRequest.Dnload && value === 0 && data[0] === 0x41;

export const isRead = (request: number, value: number): boolean =>
  request === DfuRequest.Upload && value >= 2;

/** Of DNLOADs that carry data for the alternate `of`, none arrives: each is acknowledged, and GETSTATUS says dfuDNBUSY until ABORT. */
export function swallowing(transport: DfuTransport, of: number): DfuTransport {
  let alternate = 0;
  let swallowed = false;
  return wrapTransport(transport, {
    selectAlternate: (wanted, signal) => {
      alternate = wanted;
      return transport.selectAlternate(wanted, signal);
    },
    reenumerate: (deadlineMs, signal) => {
      alternate = 0;
      swallowed = false;
      return transport.reenumerate(deadlineMs, signal);
    },
    controlOut: (request, value, data, timeoutMs) => {
      swallowed =
        request === DfuRequest.Dnload && value >= 2 && data.length > 0 && alternate === of;
      return swallowed ? Promise.resolve() : transport.controlOut(request, value, data, timeoutMs);
    },
    controlIn: (request, value, length, timeoutMs) =>
      swallowed && request === DfuRequest.GetStatus
        ? Promise.resolve(status(DfuStatus.Ok, DfuState.DnBusy, 50))
        : transport.controlIn(request, value, length, timeoutMs),
  });
}

/** Alternates of most ROMs. */
export const FLASH = 0;
export const OPTIONS = 1;

/** Which memory the host has chosen. */
export function choosing(transport: DfuTransport) {
  const chosen = { alternate: FLASH };
  return {
    chosen,
    transport: wrapTransport(transport, {
      selectAlternate: async (alternate, signal) => {
        await transport.selectAlternate(alternate, signal);
        chosen.alternate = alternate;
      },
      reenumerate: async (deadlineMs, signal) => {
        await transport.reenumerate(deadlineMs, signal);
        chosen.alternate = FLASH;
      },
    }),
  };
}

export type Bend = (data: Uint8Array, read: number) => Promise<Uint8Array>;

export const silence: Bend = () => Promise.reject(new LinkError(LinkFault.Timeout, "no answer"));

/** Reads of the alternate `of` come otherwise; `read` counts them from 1. */
export function bending(transport: DfuTransport, of: number, bend: Bend): DfuTransport {
  const { chosen, transport: inner } = choosing(transport);
  let reads = 0;
  return wrapTransport(inner, {
    controlIn: async (request, value, length, timeoutMs) => {
      const data = await inner.controlIn(request, value, length, timeoutMs);
      if (!isRead(request, value) || chosen.alternate !== of) return data;
      reads += 1;
      return bend(data, reads);
    },
  });
}

/** Calls `before` with the number of each control transfer, counted from 1, before it is sent. */
export function counting(transport: DfuTransport, before: (nth: number) => void): DfuTransport {
  let transfers = 0;
  const count = () => {
    transfers += 1;
    before(transfers);
  };
  return wrapTransport(transport, {
    controlIn: (...args) => {
      count();
      return transport.controlIn(...args);
    },
    controlOut: (...args) => {
      count();
      return transport.controlOut(...args);
    },
  });
}
