import { deepEqual, equal, ok, rejects } from "node:assert/strict";
import {
  DfuRequest,
  DfuSeCommand,
  DfuState,
  DfuStatus,
  type DfuTransport,
  FIRST_DATA_BLOCK,
  LinkError,
  LinkFault,
} from "@flashline/dfu-core/protocol";
import { type Bench, UNIT } from "./bench.ts";
import { abort, command, download, getState, getStatus, upload } from "./dfuse.ts";

export interface Check {
  readonly name: string;
  run(transport: DfuTransport, bench: Bench): Promise<void>;
}

const linkError = (fault: LinkFault) => (error: unknown) => {
  ok(error instanceof LinkError, `not a LinkError: ${error}`);
  equal(error.fault, fault, error.message);
  return true;
};

const pattern = Uint8Array.from({ length: UNIT.transferSize }, (_, index) => (index * 7) & 0xff);

/** The contract of DfuTransport, as its comments say it. Each check gets a transport that was just opened. */
export const CHECKS: readonly Check[] = [
  {
    name: "the descriptors are the unit's own",
    run({ descriptors }) {
      equal(descriptors.vendorId, 0x0483);
      equal(descriptors.productId, 0xdf11);
      equal(descriptors.serial, UNIT.serial);
      deepEqual(
        descriptors.alternates.map(({ alternate, name }) => [alternate, name]),
        [
          [0, UNIT.layout],
          [1, UNIT.options],
        ],
      );
      equal(descriptors.functional?.transferSize, UNIT.transferSize);
      equal(descriptors.functional?.dfuVersion, 0x011a);
      return Promise.resolve();
    },
  },
  {
    name: "a short reply is returned as it came",
    async run(transport) {
      const reply = await transport.controlIn(DfuRequest.GetStatus, 0, 64, 2000);
      equal(reply.length, 6);
    },
  },
  {
    name: "an OUT without data arrives",
    async run(transport) {
      await download(transport, 0, command(DfuSeCommand.SetAddress, UNIT.base));
      equal(await getState(transport), DfuState.DnloadIdle);
      await abort(transport);
      equal(await getState(transport), DfuState.Idle);
    },
  },
  {
    name: "blocks go down and come back byte for byte",
    async run(transport, bench) {
      await download(transport, 0, command(DfuSeCommand.Erase, UNIT.base));
      await download(transport, 0, command(DfuSeCommand.SetAddress, UNIT.base));
      const second = pattern.toReversed();
      equal((await download(transport, FIRST_DATA_BLOCK, pattern)).status, DfuStatus.Ok);
      equal((await download(transport, FIRST_DATA_BLOCK + 1, second)).status, DfuStatus.Ok);
      await abort(transport);
      deepEqual(await upload(transport, FIRST_DATA_BLOCK, UNIT.transferSize), pattern);
      deepEqual(await upload(transport, FIRST_DATA_BLOCK + 1, UNIT.transferSize), second);
      deepEqual(await bench.readFlash(UNIT.base, UNIT.transferSize), pattern);
      deepEqual(await bench.readFlash(UNIT.base + UNIT.transferSize, UNIT.transferSize), second);
    },
  },
  {
    name: "a stall is told, and the link goes on",
    async run(transport) {
      await rejects(upload(transport, 1, UNIT.transferSize), linkError(LinkFault.Stall));
      const { state } = await getStatus(transport);
      ok(state === DfuState.Error || state === DfuState.Idle, `state ${state}`);
      const data = new Uint8Array(UNIT.transferSize);
      await transport.controlOut(DfuRequest.Abort, 0, new Uint8Array(), 2000).catch(() => {});
      await rejects(
        transport.controlOut(DfuRequest.Dnload, 1, data, 2000),
        linkError(LinkFault.Stall),
      );
    },
  },
  {
    name: "no answer: a time-out of about what was asked for, and the link goes on",
    async run(transport, bench) {
      await bench.loseNext();
      const started = performance.now();
      await rejects(
        transport.controlIn(DfuRequest.GetState, 0, 1, 300),
        linkError(LinkFault.Timeout),
      );
      const ms = performance.now() - started;
      ok(ms >= 250 && ms < 5000, `${ms} ms`);
      equal(await getState(transport), DfuState.Idle);
    },
  },
  {
    name: "an OUT that is lost is a time-out as well",
    async run(transport, bench) {
      await bench.loseNext();
      await rejects(
        transport.controlOut(DfuRequest.Dnload, FIRST_DATA_BLOCK, pattern, 300),
        linkError(LinkFault.Timeout),
      );
      equal(await getState(transport), DfuState.Idle);
    },
  },
  {
    name: "the alternate setting arrives at the device",
    async run(transport, bench) {
      await transport.selectAlternate(1);
      equal(await bench.alternate(), 1);
      await transport.selectAlternate(0);
      equal(await bench.alternate(), 0);
      await rejects(transport.selectAlternate(9), LinkError);
    },
  },
  {
    name: "a reset takes the state machine back to its start",
    async run(transport) {
      await download(transport, 0, command(DfuSeCommand.SetAddress, UNIT.base));
      equal(await getState(transport), DfuState.DnloadIdle);
      equal(await transport.reset(), true);
      equal(await getState(transport), DfuState.Idle);
      await download(transport, 0, command(DfuSeCommand.SetAddress, UNIT.base));
    },
  },
  {
    name: "re-enumeration of a unit that never left: alternate 0, and it answers",
    async run(transport, bench) {
      await transport.selectAlternate(1);
      await transport.reenumerate(5000);
      equal(await bench.alternate(), 0);
      equal(transport.descriptors.serial, UNIT.serial);
      ok((await getState(transport)) !== undefined);
    },
  },
  {
    name: "a unit that is pulled out is gone; another one in its place is read anew",
    async run(transport, bench) {
      await bench.unplug();
      await rejects(getState(transport), linkError(LinkFault.Gone));
      await rejects(transport.reenumerate(200), linkError(LinkFault.Gone));
      await bench.plugAnother("ANOTHER");
      await transport.reenumerate(10_000);
      equal(transport.descriptors.serial, "ANOTHER");
      equal(await getState(transport), DfuState.Idle);
    },
  },
  {
    name: "an aborted signal rejects with its own reason",
    async run(transport, bench) {
      const reason = new RangeError("operator");
      const before = AbortSignal.abort(reason);
      await rejects(transport.controlIn(DfuRequest.GetState, 0, 1, 2000, before), reason);
      const controller = new AbortController();
      await bench.loseNext();
      setTimeout(() => controller.abort(reason), 50);
      await rejects(
        transport.controlIn(DfuRequest.GetState, 0, 1, 1000, controller.signal),
        reason,
      );
    },
  },
  {
    name: "closing twice is no error, and what comes after is refused",
    async run(transport) {
      await transport.close();
      await transport.close();
      await rejects(getState(transport), LinkError);
    },
  },
];
