// What a transcript holds, and what somebody else's program reads from the capture file that is made of it.
import { execFile } from "node:child_process";
import { createHash } from "node:crypto";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { flashUnit, unitInfo } from "@flashline/dfu-core";
import {
  createTranscript,
  encodePcapng,
  recordTransport,
  storedTranscript,
} from "@flashline/dfu-core/transcript";
import { nth } from "@flashline/virtual-stm32";
import { afterAll, describe, expect, test } from "vitest";
import { type BenchOptions, bench, imageAt, pattern } from "./bench.ts";

const run = promisify(execFile);
const folder = mkdtempSync(join(tmpdir(), "flashline-pcapng-"));
afterAll(() => rmSync(folder, { recursive: true }));

const EPOCH_MS = Date.UTC(2026, 0, 1);
/** tshark knows a few DFU devices by their product ids; ST's it has to be told, in captures of usbmon too. */
const DECODE = ["-d", "usb.product==0x0483df11,usbdfu"];

/** Flashes with everything recorded. */
async function recorded(options: BenchOptions, size = 100, entries = 20_000) {
  const made = bench(options);
  const transcript = createTranscript({ entries });
  const transport = recordTransport(made.transport, transcript, made.clock);
  const data = pattern(size);
  const { clock } = made;
  const report = await flashUnit({ transport, clock, image: imageAt(data), family: "F4" });
  return { ...made, transcript, report, data };
}

/** Fields of every packet as tshark reads them. */
async function tshark(name: string, bytes: Uint8Array, fields: readonly string[]) {
  const file = join(folder, `${name}.pcapng`);
  writeFileSync(file, bytes);
  const wanted = fields.flatMap((field) => ["-e", field]);
  const { stdout } = await run("tshark", [
    "-r",
    file,
    ...DECODE,
    "-T",
    "fields",
    "-E",
    "occurrence=f",
    ...wanted,
  ]);
  return stdout
    .replace(/\n$/, "")
    .split("\n")
    .map((line) => line.split("\t"));
}

const pcapng = (transcript: Parameters<typeof encodePcapng>[0]) =>
  encodePcapng(transcript, { epochMs: EPOCH_MS, application: "flashline", link: "1-1" });

describe("tshark reads the capture", () => {
  test("every transfer twice, in order, with its setup, its bytes and DFU decoded", async () => {
    const { transcript, report, data } = await recorded({});
    expect(report, JSON.stringify(report.detail)).toMatchObject({ outcome: "PASS" });
    const packets = await tshark("pass", pcapng(transcript), [
      "frame.time_epoch",
      "usb.urb_type",
      "usb.urb_id",
      "usb.urb_status",
      "usbdfu.command",
      "usbdfu.block_number",
      "usbdfu.state",
      "_ws.malformed",
    ]);
    const transfers = transcript.entries.flatMap((entry) =>
      entry.kind === "transfer" ? [entry] : [],
    );
    expect(transfers).toHaveLength(report.transfers);
    const own = packets.slice(-2 * transfers.length);
    // Asked for again: device, configuration, three strings of the device, one for each memory.
    expect(packets.length - own.length).toBeGreaterThanOrEqual(2 * 6);
    expect(packets.every((packet) => packet[7] === "")).toBe(true);
    for (const [index, { setup, startMs, endMs, data: bytes }] of transfers.entries()) {
      const [submit = [], complete = []] = own.slice(2 * index, 2 * index + 2);
      expect([submit[1], complete[1]]).toEqual(["'S'", "'C'"]);
      expect(submit[2]).toBe(complete[2]);
      expect([submit[3], complete[3]]).toEqual(["-115", "0"]);
      const at = (ms: number) => ((EPOCH_MS + ms) / 1000).toFixed(6);
      expect([submit[0]?.slice(0, 17), complete[0]?.slice(0, 17)]).toEqual([
        at(startMs),
        at(endMs),
      ]);
      if (setup.requestType === 0x01) continue;
      expect(submit[4]).toBe(String(setup.request));
      if (setup.request === 3) expect(complete[6]).toBe(String(bytes[4]));
      if (setup.request <= 2) expect(submit[5]).toBe(String(setup.value));
    }
    expect(Buffer.from(pcapng(transcript)).includes(Buffer.from(data.subarray(32, 48)))).toBe(true);
  });

  test("what is stored: every transfer with its length, decoded, and nothing of the content", async () => {
    const { transcript, data } = await recorded({});
    const elided = encodePcapng(transcript, {
      epochMs: EPOCH_MS,
      application: "flashline",
      link: "1-1",
      elide: (bytes) => createHash("sha256").update("key").update(bytes).digest().subarray(0, 8),
    });
    for (let at = 0; at + 16 <= data.length; at += 1) {
      expect(Buffer.from(elided).includes(Buffer.from(data.subarray(at, at + 16)))).toBe(false);
    }
    const fields = ["usbdfu.command", "usb.urb_len", "_ws.malformed", "usb.data_len"];
    const packets = await tshark("elided", elided, fields);
    const whole = await tshark("whole", pcapng(transcript), fields);
    const untouched = (all: typeof packets) => all.map((packet) => packet.slice(0, 3));
    expect(untouched(packets)).toEqual(untouched(whole));
    expect(packets.every(([, , malformed]) => malformed === "")).toBe(true);
    const shown = await tshark("digests", elided, ["usb.urb_len", "usbdfu.data", "frame.comment"]);
    const digests = shown.flatMap(([, bytes = "", comment = ""]) =>
      comment.includes("of content") ? [bytes] : [],
    );
    // Written once and read back once: the same digest says so.
    expect(digests.length).toBeGreaterThanOrEqual(4);
    expect(new Set(digests).size).toBeLessThan(digests.length);
    expect(digests.every((bytes) => bytes.length <= 16)).toBe(true);
  });

  test("stalls, lost replies, a departure and a return are seen as what they were", async () => {
    const faults = [
      { kind: "stall", trigger: nth(4) },
      { kind: "unplug", afterBytes: 64, backAfterMs: 500 },
    ] as const;
    const { transcript, report } = await recorded({ faults });
    expect(report, JSON.stringify(report.detail)).toMatchObject({ outcome: "PASS" });
    const { summary } = transcript;
    expect(summary.failures.stall).toBe(1);
    expect(summary.failures.gone).toBeGreaterThanOrEqual(1);
    expect(summary.reenumerations).toBeGreaterThanOrEqual(1);
    const packets = await tshark("faults", pcapng(transcript), [
      "usb.urb_status",
      "usb.device_address",
      "frame.comment",
      "_ws.malformed",
    ]);
    const statuses = packets.map(([status]) => status);
    expect(statuses.filter((status) => status === "-32")).toHaveLength(1);
    expect(statuses).toContain("-108");
    expect(new Set(packets.map(([, device]) => device)).size).toBe(1 + summary.reenumerations);
    expect(packets.some(([, , comment]) => comment?.startsWith("re-enumeration"))).toBe(true);
    expect(packets.every((packet) => packet[3] === "")).toBe(true);
  });
});

test("counts agree with the device's own log", async () => {
  const { transcript, unit, report } = await recorded({});
  const { summary } = transcript;
  expect(summary.requests["DNLOAD"]).toBe(unit.counters.downloads);
  expect(summary.requests["UPLOAD"]).toBe(unit.counters.uploads);
  expect(summary.requests["GETSTATUS"]).toBe(unit.counters.statuses);
  expect(summary).toMatchObject({ transfers: report.transfers, dropped: 0, failures: {} });
  expect(summary.ms).toBe(report.ms);
});

test("the ring keeps the newest, counts all, and still names the device", async () => {
  const { transcript, report } = await recorded({}, 200, 10);
  const [first, ...rest] = transcript.entries;
  expect(first?.kind).toBe("attached");
  expect(rest).toHaveLength(10);
  expect(transcript.summary.transfers).toBe(report.transfers);
  expect(transcript.summary.dropped).toBe(report.transfers - 10);
  const [packet] = await tshark("ring", pcapng(transcript), ["frame.comment"]);
  expect(packet?.[0]).toContain(`${report.transfers - 10} older transfers were not kept`);
});

test("the stored form holds no content, and shows what was read back as it was sent", async () => {
  const { transcript, data } = await recorded({});
  const digest = (bytes: Uint8Array) =>
    createHash("sha256").update("salt").update(bytes).digest("hex");
  const stored = storedTranscript(transcript, digest);
  const text = JSON.stringify(stored);
  for (let at = 0; at + 4 <= data.length; at += 1) {
    expect(text).not.toContain(Buffer.from(data.subarray(at, at + 4)).toString("hex"));
  }
  const transfers = stored.entries.flatMap((entry) => ("request" in entry ? [entry] : []));
  const digests = (request: string) =>
    new Set(
      transfers
        .filter((entry) => entry.request === request && entry.value > 1)
        .map((entry) => entry.digest),
    );
  const [sent, read] = [digests("DNLOAD"), digests("UPLOAD")];
  expect([...sent].filter((one) => one !== undefined && read.has(one)).length).toBeGreaterThan(2);
  const status = transfers.find(({ request }) => request === "GETSTATUS");
  expect(status).toMatchObject({ length: 6, data: expect.stringMatching(/^[0-9a-f]{12}$/) });
});

test("a recording changes nothing: errors and answers pass as they are", async () => {
  const { clock, transport: plain, unit } = bench({});
  const transcript = createTranscript();
  const transport = recordTransport(plain, transcript, clock);
  const controller = new AbortController();
  const reason = new Error("enough");
  controller.abort(reason);
  await expect(transport.controlIn(3, 0, 6, 100, controller.signal)).rejects.toBe(reason);
  expect(transcript.summary.failures).toEqual({ aborted: 1 });
  expect(transport.descriptors.serial).toBe(unit.serial);
  expect(transport.powerCycle).toBeUndefined();
  const { outcome } = await unitInfo({ transport, clock });
  expect(outcome).toBe("PASS");
});
