import { DfuRequest, DfuSeCommand } from "@flashline/dfu-core/protocol";
import type { VirtualClock } from "../clock/virtual-clock.ts";
import { definePart, type Part } from "../parts/index.ts";
import type { VirtualUnit } from "../unit/virtual-unit.ts";
import { CLASS_IN, CLASS_OUT, type ControlReply, type SetupPacket } from "../usb/setup.ts";

/** A plain, correct host for the tests of the device: no engine in it, so that both can be wrong on their own. */
export interface TestHost {
  out(request: number, value: number, data?: Uint8Array): ControlReply;
  in(request: number, value: number, length: number): ControlReply;
  /** bStatus, poll time and bState; undefined when there was no answer. */
  status():
    | { readonly status: number; readonly pollMs: number; readonly state: number }
    | undefined;
  state(): number | undefined;
  /** DNLOAD, GETSTATUS, the announced wait, GETSTATUS. */
  complete(value: number, data: Uint8Array): ReturnType<TestHost["status"]>;
  address(address: number): ReturnType<TestHost["status"]>;
  erase(address: number): ReturnType<TestHost["status"]>;
  write(address: number, data: Uint8Array): ReturnType<TestHost["status"]>;
  read(address: number, length: number): ControlReply;
}

export function testHost(unit: VirtualUnit, clock: VirtualClock): TestHost {
  const setup = (
    requestType: number,
    request: number,
    value: number,
    length: number,
  ): SetupPacket => ({
    requestType,
    request,
    value,
    index: 0,
    length,
  });
  const control = (packet: SetupPacket, data?: Uint8Array): ControlReply => {
    unit.configure();
    return unit.handleControl(packet, data);
  };
  const host: TestHost = {
    out: (request, value, data = new Uint8Array()) =>
      control(setup(CLASS_OUT, request, value, data.length), data),
    in: (request, value, length) => control(setup(CLASS_IN, request, value, length)),
    status: () => {
      const reply = host.in(DfuRequest.GetStatus, 0, 6);
      if (reply.kind !== "data") return undefined;
      const [status = 0, low = 0, middle = 0, high = 0, state = 0] = reply.data;
      return { status, pollMs: low | (middle << 8) | (high << 16), state };
    },
    state: () => {
      const reply = host.in(DfuRequest.GetState, 0, 1);
      return reply.kind === "data" ? reply.data[0] : undefined;
    },
    complete: (value, data) => {
      if (host.out(DfuRequest.Dnload, value, data).kind !== "data") return undefined;
      const first = host.status();
      clock.advance(first?.pollMs ?? 0);
      return host.status();
    },
    address: (address) => host.complete(0, command(DfuSeCommand.SetAddress, address)),
    erase: (address) => host.complete(0, command(DfuSeCommand.Erase, address)),
    write: (address, data) => {
      host.address(address);
      return host.complete(2, data);
    },
    read: (address, length) => {
      host.address(address);
      host.out(DfuRequest.Abort, 0);
      const reply = host.in(DfuRequest.Upload, 2, length);
      host.out(DfuRequest.Abort, 0);
      return reply;
    },
  };
  return host;
}

export function command(code: number, address: number): Uint8Array {
  const bytes = new Uint8Array(5);
  bytes[0] = code;
  new DataView(bytes.buffer).setUint32(1, address, true);
  return bytes;
}

export const BASE = 0x0800_0000;

/** Four sectors of 32 bytes and one of 64; transfers of 16. */
export const tiny = (family: Part["family"], rom: Partial<Part["rom"]> = {}): Part =>
  definePart({
    family,
    sectors: [
      [4, 32],
      [1, 64],
    ],
    transferSize: family === "H7" ? 32 : 16,
    rom,
  });

export const bytes = (length: number, from = 1): Uint8Array =>
  Uint8Array.from({ length }, (_, index) => (from + index) & 0xff);
