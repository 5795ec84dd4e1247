import { createHash } from "node:crypto";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DfuRequest, DfuState } from "@flashline/dfu-core/protocol";
import { afterEach, expect, it } from "vitest";
import { DEFAULT_PLACE } from "../place/place.ts";
import { type Answer, CANCELLED_AFTER_MS, WIRES, type Wire } from "../testing/attachments.ts";
import { BASE, bytes, command } from "../testing/host.ts";
import { ManualClock } from "../testing/manual-clock.ts";
import { CLASS_IN, CLASS_OUT, type SetupPacket } from "../usb/setup.ts";
import { createSimulator, type Simulator } from "./simulator.ts";

const folder = mkdtempSync(join(tmpdir(), "flashline-wires-"));
const closers: (() => Promise<void> | void)[] = [() => rmSync(folder, { recursive: true })];
afterEach(async () => {
  for (const close of closers.splice(1).reverse()) await close();
});

/** Everything at once: by time and by bytes, losses, wedges, power, another unit. */
const SCRIPT = [
  { atMs: 40, unit: 1, fault: "stall=0.05" },
  { atMs: 300, unit: 2, fault: "lost-status=0.02" },
  { afterBytes: 2100, unit: 1, fault: "lost-ack=2" },
  { afterBytes: 5000, unit: 1, fault: "power-cut=3000@400" },
  { afterBytes: 5000, unit: 2, command: "unplug 700" },
  { afterBytes: 9000, unit: 2, fault: "busy-wedge=abort@2" },
  { afterBytes: 14000, unit: 2, command: "replace" },
  { atMs: 900, unit: 1, fault: "bit-flip=0.2" },
];

async function simulator(
  chip: string,
  seed: number,
): Promise<{ made: Simulator; clock: ManualClock }> {
  const script = join(folder, "script.jsonl");
  writeFileSync(script, SCRIPT.map((entry) => JSON.stringify(entry)).join("\n"));
  const clock = new ManualClock();
  const made = await createSimulator({
    chip,
    seed,
    script,
    clock,
    units: 2,
    usbipPort: 0,
    usbredirPort: 0,
    speed: 1,
    faults: ["false-vendor=0.01", "silent-drop=7:2"],
    place: {
      ...DEFAULT_PLACE,
      controller: { ...DEFAULT_PLACE.controller, id: "1022:15b8" },
      defect: { lossPerPacket: 0.003 },
    },
  });
  closers.push(() => made.close());
  return { made, clock };
}

const digest = (data: Uint8Array): string =>
  createHash("sha256").update(data).digest("hex").slice(0, 12);

/** A stubborn host: it erases, writes and reads block by block, and goes on after whatever happens. All that it knows comes over the wire. */
async function drive(
  wire: Wire,
  made: Simulator,
  clock: ManualClock,
  index: number,
): Promise<string[]> {
  const unit = made.units[index];
  if (!unit) return [];
  const { transferSize } = unit.part.usb;
  const log: string[] = [];
  let lost = (): void => undefined;
  unit.onTransfer((setup, data, reply) => {
    if ((setup.requestType & 0x60) === 0) return;
    const answer = reply.kind === "data" ? digest(reply.data) : reply.kind;
    const { request, value, length } = setup;
    log.push(`${clock.now()} ${request} ${value} ${length} ${digest(data)} ${answer}`);
    if (reply.kind === "lost") lost();
  });
  const attachment = await wire(made, unit, index);
  closers.push(() => attachment.close());
  let joined = unit.deviceNumber;

  async function transfer(
    setup: SetupPacket,
    data: Uint8Array = new Uint8Array(),
  ): Promise<Answer | "lost"> {
    if (!unit?.attached || unit.deviceNumber !== joined) return "gone";
    const silence = new Promise<"lost">((resolve) => {
      lost = () => resolve("lost");
    });
    const open = attachment.submit(setup, data);
    const answer = await Promise.race([open, silence]);
    if (answer === "lost") {
      await clock.advance(CANCELLED_AFTER_MS);
      attachment.cancel();
      await open;
    }
    return answer;
  }
  const request = (
    type: number,
    number: number,
    value: number,
    length: number,
    data?: Uint8Array,
  ) => transfer({ requestType: type, request: number, value, index: 0, length }, data);

  async function rejoin(): Promise<void> {
    for (let tries = 0; !unit?.attached && tries < 20; tries += 1) {
      await clock.advance(unit?.backInMs ?? 100);
    }
    await attachment.rejoin();
    joined = unit?.deviceNumber ?? 0;
  }

  /** DNLOAD, then GETSTATUS until it is idle again or in vain; whatever goes wrong is tidied up. */
  async function complete(value: number, data: Uint8Array): Promise<void> {
    let answer = await request(CLASS_OUT, DfuRequest.Dnload, value, data.length, data);
    for (let polls = 0; typeof answer !== "string" && polls < 6; polls += 1) {
      answer = await request(CLASS_IN, DfuRequest.GetStatus, 0, 6);
      if (typeof answer === "string" || answer[4] !== DfuState.DnBusy) break;
      await clock.advance((answer[1] ?? 0) | ((answer[2] ?? 0) << 8));
    }
    await tidy(answer);
  }
  async function tidy(answer: Answer | "lost"): Promise<void> {
    if (answer === "gone") return rejoin();
    if (typeof answer !== "string" && answer[4] !== DfuState.Error) return;
    for (const number of [DfuRequest.Abort, DfuRequest.ClrStatus, DfuRequest.Abort]) {
      if ((await request(CLASS_OUT, number, 0, 0)) === "gone") return rejoin();
    }
  }

  for (let round = 0; round < 6; round += 1) {
    const address = BASE + round * 2 * transferSize;
    await complete(0, command(0x41, address));
    await complete(0, command(0x21, address));
    for (const block of [2, 3]) await complete(block, bytes(transferSize, round + block));
    await complete(0, command(0x21, address));
    await request(CLASS_OUT, DfuRequest.Abort, 0, 0);
    const read = await request(CLASS_IN, DfuRequest.Upload, 2, transferSize);
    if (read === "gone") await rejoin();
    else await request(CLASS_OUT, DfuRequest.Abort, 0, 0);
  }
  return [...log, digest(unit.flash.snapshot()), JSON.stringify(unit.counters.faults)];
}

async function transcript(wire: Wire, chip: string, seed: number): Promise<readonly string[]> {
  const { made, clock } = await simulator(chip, seed);
  const first = await drive(wire, made, clock, 0);
  return [...first, ...(await drive(wire, made, clock, 1))];
}

it.each(["f407", "g431"])(
  "%s: the same seed and script give the same transcript in-process, over USB/IP and over usbredir",
  async (chip) => {
    const reference = await transcript(WIRES["in-process"], chip, 7);
    for (const wire of ["in-process", "USB/IP", "usbredir"] as const) {
      expect(await transcript(WIRES[wire], chip, 7)).toEqual(reference);
    }
    expect(await transcript(WIRES["USB/IP"], chip, 8)).not.toEqual(reference);
    expect(reference.length).toBeGreaterThan(100);
    const struck = reference
      .filter((line) => line.startsWith("{"))
      .flatMap((line) => Object.keys(JSON.parse(line)));
    expect(new Set(struck).size).toBeGreaterThanOrEqual(7);
    expect(struck).toContain("controller");
    expect(struck).toContain("power-cut");
  },
);
