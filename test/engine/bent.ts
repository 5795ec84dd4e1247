import {
  DfuRequest,
  DfuState,
  type DfuStatus,
  type DfuTransport,
  LinkError,
  LinkFault,
} from "@flashline/dfu-core/protocol";

/** The transport with some of its methods replaced. */
export const bent = (transport: DfuTransport, by: Partial<DfuTransport>): DfuTransport =>
  Object.assign(Object.create(transport), by);

/** The transport with other answers where `answer` gives some; what is answered so never reaches the unit. */
export const answering = (
  transport: DfuTransport,
  answer: (request: number, value: number, length: number) => Uint8Array | undefined,
): DfuTransport =>
  bent(transport, {
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
  return bent(transport, {
    controlOut: async (request, value, data, timeoutMs) => {
      if (refused && request === DfuRequest.ClrStatus) {
        refused = false;
        return transport.controlOut(DfuRequest.Abort, 0, new Uint8Array(), timeoutMs);
      }
      if (strike(request, value, data)) return;
      await transport.controlOut(request, value, data, timeoutMs);
    },
    controlIn: async (request, value, length, timeoutMs) => {
      if (refused && request === DfuRequest.GetState) return Uint8Array.of(DfuState.Error);
      if (refused && request === DfuRequest.GetStatus) return status(bStatus, DfuState.Error);
      if (strike(request, value, new Uint8Array())) throw new LinkError(LinkFault.Stall, "STALL");
      return transport.controlIn(request, value, length, timeoutMs);
    },
  });
}

export const isErase = (request: number, value: number, data: Uint8Array): boolean =>
  request === DfuRequest.Dnload && value === 0 && data[0] === 0x41;

export const isRead = (request: number, value: number): boolean =>
  request === DfuRequest.Upload && value >= 2;
