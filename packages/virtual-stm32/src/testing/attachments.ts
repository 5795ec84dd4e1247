import { DfuRequest, LinkError } from "@flashline/dfu-core/protocol";
import { usage } from "../errors.ts";
import type { Simulator } from "../simulator/simulator.ts";
import { attachInProcess } from "../transport/in-process.ts";
import type { VirtualUnit } from "../unit/virtual-unit.ts";
import { isIn, type SetupPacket } from "../usb/setup.ts";
import { UsbIpClient } from "./usbip-client.ts";
import { UsbRedirHost } from "./usbredir-host.ts";

export type Answer = Uint8Array | "stall" | "gone";

/** A host's hold on one unit over some wire, with nothing decided in it. */
export interface Attachment {
  /** Stays open while the unit does not answer. The unit is on the bus, and the one that was joined. */
  submit(setup: SetupPacket, data: Uint8Array): Promise<Answer>;
  /** Gives the open transfer up. */
  cancel(): void;
  /** Takes hold of the unit again, after it left; it is on the bus again. */
  rejoin(): Promise<void>;
  close(): void;
}

export type Wire = (simulator: Simulator, unit: VirtualUnit, index: number) => Promise<Attachment>;

/** A host's patience, in ms of the unit's clock. */
export const CANCELLED_AFTER_MS = 100;
const GONE_STATUS = -19;
const STALL_STATUS = -32;

/** The engine's own transport; a time-out passes on the unit's clock. */
const inProcess: Wire = (_, unit) => {
  const transport = attachInProcess(unit, unit.clock, { transferMs: 0 });
  return Promise.resolve({
    submit: async (setup, data) => {
      const { value, length } = setup;
      const request = requestOf(setup);
      try {
        if (isIn(setup)) {
          return await transport.controlIn(request, value, length, CANCELLED_AFTER_MS);
        }
        await transport.controlOut(request, value, data, CANCELLED_AFTER_MS);
        return new Uint8Array();
      } catch (error) {
        if (!(error instanceof LinkError)) throw error;
        return error.fault === "stall" ? "stall" : "gone";
      }
    },
    cancel: () => undefined,
    rejoin: () => transport.reenumerate(1),
    close: () => void transport.close(),
  });
};

function requestOf({ request }: SetupPacket): DfuRequest {
  const known = Object.values(DfuRequest).find((code) => code === request);
  if (known === undefined) throw usage(`${request} is no request of DFU`);
  return known;
}

const usbIp: Wire = async ({ ports }, _, index) => {
  let client = new UsbIpClient(ports.usbip ?? 0);
  let sequence = 0;
  const join = async (): Promise<void> => {
    client.close();
    client = new UsbIpClient(ports.usbip ?? 0);
    // The server notices a closed socket a moment later.
    while ((await client.import(`1-${index + 1}`)) !== 0) await new Promise(setImmediate);
  };
  await join();
  return {
    submit: async (setup, data) => {
      sequence += 1;
      const { requestType, request, value, length } = setup;
      const bytes = [requestType, request, value & 0xff, value >> 8, 0, 0, length & 0xff];
      client.submit(sequence, [...bytes, length >> 8], data);
      const { status, data: answer } = await client.reply(isIn(setup));
      if (client.ended || status === GONE_STATUS) return "gone";
      return status === STALL_STATUS ? "stall" : answer;
    },
    cancel: () => client.unlink(sequence + 1_000_000, sequence),
    rejoin: join,
    close: () => client.close(),
  };
};

const Packet = { Connect: 1, Cancel: 21, Control: 100 } as const;
const RedirStatus = { Success: 0, Stall: 4 } as const;

const usbRedir: Wire = async ({ ports }, _, index) => {
  const host = new UsbRedirHost(ports.usbredir[index] ?? 0, true);
  let id = 0;
  const next = async (type: number): Promise<Buffer> => {
    for (;;) {
      const received = await host.receive();
      if (received.type === type) return received.payload;
    }
  };
  await next(Packet.Connect);
  return {
    submit: async (setup, data) => {
      id += 1;
      host.control(id, setup.requestType, setup.request, setup.value, setup.length, data);
      const payload = await next(Packet.Control);
      const status = payload.readUInt8(3);
      if (status === RedirStatus.Stall) return "stall";
      return status === RedirStatus.Success ? payload.subarray(10) : "gone";
    },
    cancel: () => host.send(Packet.Cancel, id),
    rejoin: async () => void (await next(Packet.Connect)),
    close: () => host.close(),
  };
};

export const WIRES: Readonly<Record<"in-process" | "USB/IP" | "usbredir", Wire>> = {
  "in-process": inProcess,
  "USB/IP": usbIp,
  usbredir: usbRedir,
};
