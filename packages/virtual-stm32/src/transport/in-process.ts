import {
  type AbortSignalLike,
  type Clock,
  type DfuTransport,
  LinkError,
  LinkFault,
} from "@flashline/dfu-core/protocol";
import type { VirtualUnit } from "../unit/virtual-unit.ts";
import { CLASS_IN, CLASS_OUT, type SetupPacket, StandardRequest } from "../usb/setup.ts";
import { describe } from "./describe.ts";

/** What the link between engine and virtual unit is like. */
export interface InProcessOptions {
  /** Time that one control transfer takes on the clock, in ms; 0.5 by default, 0 leaves time to waits and operations alone. */
  readonly transferMs?: number;
  /** The port belongs to a hub that switches each port's power by itself; false by default. */
  readonly powerSwitch?: boolean;
  /** The hub can be asked whether something is connected to the port; false by default. */
  readonly portStatus?: boolean;
}

/** How often `reenumerate` looks when the unit does not know when it will be back, in ms. */
const LOOK_EVERY_MS = 50;
const POWER_OFF_MS = 2000;

/** The engine's transport straight into the unit: no wire, no kernel; time-outs pass on the given clock. */
export function attachInProcess(
  unit: VirtualUnit,
  clock: Clock = unit.clock,
  options: InProcessOptions = {},
): DfuTransport {
  const transferMs = options.transferMs ?? 0.5;
  unit.configure();
  let deviceNumber = unit.deviceNumber;
  let descriptors = describe(unit);
  let closed = false;
  let disconnectedMs = 0;

  async function transfer(
    setup: SetupPacket,
    data: Uint8Array,
    timeoutMs: number,
    signal: AbortSignalLike | undefined,
  ): Promise<Uint8Array> {
    signal?.throwIfAborted();
    if (closed) throw new LinkError(LinkFault.Gone, "the transport is closed");
    if (transferMs > 0) await clock.sleep(transferMs, signal);
    if (unit.deviceNumber !== deviceNumber) throw gone();
    const reply = unit.handleControl(setup, data);
    switch (reply.kind) {
      case "gone":
        throw gone();
      case "lost":
        await clock.sleep(timeoutMs, signal);
        throw new LinkError(LinkFault.Timeout, `no answer within ${timeoutMs} ms`);
      case "stall":
        throw new LinkError(LinkFault.Stall, "the unit answered with STALL");
      case "data":
        if (reply.afterMs > timeoutMs) {
          await clock.sleep(timeoutMs, signal);
          throw new LinkError(LinkFault.Timeout, `no answer within ${timeoutMs} ms`);
        }
        if (reply.afterMs > 0) await clock.sleep(reply.afterMs, signal);
        return reply.data;
    }
  }

  const standard = (request: number, value: number): SetupPacket => ({
    requestType: request === StandardRequest.SetInterface ? 0x01 : 0x00,
    request,
    value,
    index: 0,
    length: 0,
  });
  const NONE = new Uint8Array();

  return {
    get descriptors() {
      return descriptors;
    },
    get disconnectedMs() {
      return disconnectedMs;
    },
    controlOut: async (request, value, data, timeoutMs, signal) => {
      const length = data.length;
      await transfer(
        { requestType: CLASS_OUT, request, value, index: 0, length },
        data,
        timeoutMs,
        signal,
      );
    },
    controlIn: (request, value, length, timeoutMs, signal) =>
      transfer(
        { requestType: CLASS_IN, request, value, index: 0, length },
        NONE,
        timeoutMs,
        signal,
      ),
    selectAlternate: async (alternate, signal) => {
      await transfer(standard(StandardRequest.SetInterface, alternate), NONE, 1000, signal);
    },
    reset: async (signal) => {
      if (unit.deviceNumber !== deviceNumber || !unit.attached) throw gone();
      unit.busReset();
      await transfer(standard(StandardRequest.SetConfiguration, 1), NONE, 1000, signal);
      return true;
    },
    reenumerate: async (deadlineMs, signal) => {
      const begun = clock.now();
      const deadline = begun + deadlineMs;
      disconnectedMs = 0;
      while (!unit.attached) {
        const left = deadline - clock.now();
        if (left <= 0) throw gone();
        await clock.sleep(Math.min(left, unit.backInMs ?? LOOK_EVERY_MS), signal);
        if (options.portStatus === true) disconnectedMs = clock.now() - begun;
      }
      deviceNumber = unit.deviceNumber;
      descriptors = describe(unit);
      unit.handleControl(standard(StandardRequest.SetConfiguration, 1));
    },
    ...(options.powerSwitch === true
      ? {
          powerCycle: async (signal?: AbortSignalLike) => {
            signal?.throwIfAborted();
            unit.setPower(false);
            try {
              await clock.sleep(POWER_OFF_MS, signal);
            } finally {
              unit.setPower(true);
            }
            return true;
          },
        }
      : {}),
    close: () => {
      closed = true;
      return Promise.resolve();
    },
  };
}

const gone = (): LinkError => new LinkError(LinkFault.Gone, "the unit left its port");
