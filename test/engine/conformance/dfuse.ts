import { DfuRequest, DfuState, type DfuTransport } from "@flashline/dfu-core/protocol";

const TIMEOUT_MS = 2000;

/** DfuSe by hand: the checks are about the wire and must not need the engine that runs on it. */
export async function getStatus(transport: DfuTransport) {
  const [status = 0xff, , , , state = 0xff] = await transport.controlIn(
    DfuRequest.GetStatus,
    0,
    6,
    TIMEOUT_MS,
  );
  return { status, state };
}

export async function getState(transport: DfuTransport): Promise<number | undefined> {
  return (await transport.controlIn(DfuRequest.GetState, 0, 1, TIMEOUT_MS))[0];
}

export async function abort(transport: DfuTransport): Promise<void> {
  await transport.controlOut(DfuRequest.Abort, 0, new Uint8Array(), TIMEOUT_MS);
}

/** From whatever state a test left behind. */
export async function toIdle(transport: DfuTransport): Promise<void> {
  const state = await getState(transport);
  if (state === DfuState.Error) {
    await transport.controlOut(DfuRequest.ClrStatus, 0, new Uint8Array(), TIMEOUT_MS);
  } else if (state !== DfuState.Idle) await abort(transport);
}

/** DNLOAD and GETSTATUS until the unit is no longer busy; returns the last status. */
export async function download(transport: DfuTransport, block: number, data: Uint8Array) {
  await transport.controlOut(DfuRequest.Dnload, block, data, TIMEOUT_MS);
  for (;;) {
    const answer = await getStatus(transport);
    if (answer.state !== DfuState.DnBusy) return answer;
  }
}

export function upload(
  transport: DfuTransport,
  block: number,
  length: number,
): Promise<Uint8Array> {
  return transport.controlIn(DfuRequest.Upload, block, length, TIMEOUT_MS);
}

// jscpd:ignore-start: these checks take nothing from the virtual unit that they are held against.
/** A DfuSe command with an address: 0x41 erases a sector, 0x21 sets the pointer. */
export function command(code: number, address: number): Uint8Array {
  const bytes = new Uint8Array(5);
  bytes[0] = code;
  new DataView(bytes.buffer).setUint32(1, address, true);
  return bytes;
}
// jscpd:ignore-end
