import { expect, it } from "vitest";
import { DfuRequest } from "../protocol/constants.ts";
import type { Clock, DfuTransport } from "../protocol/transport.ts";
import { rom } from "../testing/descriptors.ts";
import { descriptorTransfers } from "./descriptor-transfers.ts";
import { createTranscript, encodePcapng, recordTransport, storedTranscript } from "./index.ts";

const DEVICE = rom(["@Internal Flash  /0x08000000/04*016Kg"]);
const clock: Clock = { now: () => 7, sleep: () => Promise.resolve() };
const ascii = (bytes: Uint8Array) => String.fromCharCode(...bytes);
const pcapng = (transcript: Parameters<typeof encodePcapng>[0]) =>
  ascii(encodePcapng(transcript, { epochMs: 0, application: "Prüfplatz\n1", link: "1-1" }));

/** Answers everything, but for what is given. */
const transport = (by: Partial<DfuTransport> = {}): DfuTransport => ({
  descriptors: DEVICE,
  controlOut: () => Promise.resolve(),
  controlIn: (_request, _value, length) => Promise.resolve(new Uint8Array(length)),
  selectAlternate: () => Promise.resolve(),
  reset: () => Promise.resolve(true),
  reenumerate: () => Promise.resolve(),
  close: () => Promise.resolve(),
  ...by,
});

it("a device without strings and without a functional descriptor is shown as just that", () => {
  const bare = {
    ...rom([""]),
    manufacturer: "",
    product: "",
    serial: "",
    functional: undefined,
  };
  const [device, configuration, ...strings] = descriptorTransfers(bare);
  expect(strings).toEqual([]);
  expect([...(device?.data.slice(14, 17) ?? [])]).toEqual([0, 0, 0]);
  const bytes = configuration?.data ?? new Uint8Array();
  expect(new DataView(bytes.buffer).getUint16(2, true)).toBe(bytes.length);
  expect(bytes).toHaveLength(9 + 9);
  expect(bytes.at(-1)).toBe(0);
  expect(descriptorTransfers(DEVICE)).toHaveLength(2 + 4);
});

it("what is no text for a capture's header becomes a question mark", () => {
  expect(pcapng(createTranscript())).toContain("Pr?fplatz?1");
});

it("nothing recorded is a summary of nothing", () => {
  const stored = storedTranscript(createTranscript(), () => "");
  expect(stored).toMatchObject({ summary: { transfers: 0, ms: 0 }, entries: [] });
});

it("an error of no known kind passes as it is and is kept as one of input or output", async () => {
  const transcript = createTranscript();
  const odd = new TypeError("no such device file");
  const recorded = recordTransport(
    transport({ controlIn: () => Promise.reject(odd) }),
    transcript,
    clock,
  );
  await expect(recorded.controlIn(DfuRequest.GetStatus, 0, 6, 100)).rejects.toBe(odd);
  expect(transcript.summary.failures).toEqual({ io: 1 });
});

it("a power cycle, a reset that failed and a re-enumeration are notes on the packet that follows", async () => {
  const transcript = createTranscript();
  const recorded = recordTransport(
    transport({ powerCycle: () => Promise.resolve(true), reset: () => Promise.resolve(false) }),
    transcript,
    clock,
  );
  expect(await recorded.powerCycle?.()).toBe(true);
  expect(await recorded.reset()).toBe(false);
  await recorded.controlOut(DfuRequest.Abort, 0, new Uint8Array(), 100);
  expect(transcript.summary).toMatchObject({ powerCycles: 1, busResets: 1, transfers: 1 });
  const events = storedTranscript(transcript, () => "").entries.flatMap((entry) =>
    "event" in entry ? [[entry.event, entry.done]] : [],
  );
  expect(events).toEqual([
    ["power-cycle", true],
    ["reset", false],
  ]);
  expect(pcapng(transcript)).toContain("port power off and on after 0 ms");
  expect(pcapng(transcript)).toContain("bus reset failed after 0 ms");
  await recorded.close();
});

it("a request that is none of DFU's is named by its number", () => {
  const transcript = createTranscript();
  transcript.add({
    kind: "transfer",
    startMs: 0,
    endMs: 1,
    result: "done",
    data: new Uint8Array(2),
    setup: { requestType: 0x80, request: 8, value: 0, index: 0, length: 2 },
  });
  expect(transcript.summary.requests).toEqual({ "request 8": 1 });
});
