import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { flashline, type Simulator, startSimulator } from "./support/command.ts";

/** Plain DFU 1.1 as real processes: `flashline dfu flash --plain` against `flashline sim`, over USB/IP. */
let folder: string;
const FIRMWARE = Uint8Array.from({ length: 5001 }, (_, at) => (at * 31 + (at >> 6)) & 0xff);
const KIB = 1024;

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "flashline-plain-"));
  writeFileSync(join(folder, "firmware.bin"), FIRMWARE);
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

async function served(
  chip: string,
  faults: readonly string[],
  use: (sim: Simulator) => Promise<void>,
): Promise<Buffer> {
  const dump = join(folder, chip);
  const words = faults.flatMap((fault) => ["--fault", fault]);
  const sim = await startSimulator(["--chip", chip, "--dump", dump, ...words]);
  try {
    await use(sim);
  } finally {
    await sim.stop();
  }
  return readFileSync(join(dump, "unit-1.bin"));
}

const flash = (sim: Simulator, ...words: readonly string[]) => {
  const file = join(folder, "firmware.bin");
  const state = { env: { XDG_STATE_HOME: folder } };
  return flashline(
    ["dfu", "flash", file, "--plain", ...words, "--usbip", sim.at("1-1"), "--json"],
    state,
  );
};

test("a plain device is flashed over a link that stalls and loses, and nothing lies behind its image", async () => {
  const faults = ["stall=3", "silent-drop=9"];
  const content = await served("plain", faults, async (sim) => {
    const flashed = await flash(sim, "--device", "1209:0001");
    expect(flashed.last).toMatchObject({ outcome: "PASS", bytes: FIRMWARE.length });
    const again = await flash(sim, "--device", "1209:0001");
    expect(again.last["outcome"]).toBe("PASS");
    expect(flashed.events.some(({ phase }) => phase === "write")).toBe(true);
    expect(again.events.some(({ phase }) => phase === "write")).toBe(false);
  });
  const at = 8 * KIB;
  expect(Buffer.compare(content.subarray(at, at + FIRMWARE.length), FIRMWARE)).toBe(0);
  const rest = [content.subarray(0, at), content.subarray(at + FIRMWARE.length)];
  expect(rest.every((bytes) => bytes.every((byte) => byte === 0xff))).toBe(true);
});

test("--alt chooses the flash where it is alternate 2, and the alternate that takes nothing is no PASS", async () => {
  const device = ["--device", "1eaf:0003"];
  const content = await served("plain-alt2", [], async (sim) => {
    const refused = await flash(sim, "--alt", "0", ...device);
    expect(refused.code).toBe(1);
    expect(refused.last).toMatchObject({ outcome: "FAIL", code: "flash.write_failed" });
    expect(refused.events).toContainEqual(
      expect.objectContaining({ event: "refused-alternate", alternate: "0", others: "1,2" }),
    );
    const flashed = await flash(sim, "--alt", "2", ...device);
    expect(flashed.last).toMatchObject({ outcome: "PASS", bytes: FIRMWARE.length });
    // Whoever refuses a write may have erased before, so the next flash trusts nothing.
    expect(flashed.events.filter(({ event }) => event === "dirty")).toHaveLength(1);
  });
  const at = 8 * KIB;
  expect(Buffer.compare(content.subarray(at, at + FIRMWARE.length), FIRMWARE)).toBe(0);
  expect(content.subarray(at + FIRMWARE.length).every((byte) => byte === 0xff)).toBe(true);
});

test.each(["plain-runtime", "plain-runtime-2"])(
  "%s runs its application, and is flashed only after it was asked into DFU mode",
  async (chip) => {
    const application = ["--device", "1209:0002"];
    const content = await served(chip, [], async (sim) => {
      const at = ["--usbip", sim.at("1-1"), "--json"];
      const refused = await flash(sim, ...application);
      expect(refused.last).toMatchObject({ outcome: "FAIL", code: "device.not_dfu" });
      const detached = await flashline(["dfu", "detach", ...application, ...at]);
      expect(detached.code).toBe(0);
      expect(detached.events).toContainEqual(
        expect.objectContaining({ event: "detached", ids: "1209:0001" }),
      );
      sim.command("powercycle 1");
      // The same in one command, once its application is back.
      const listed = await flashline(["dfu", "list", ...application, "--wait", "10", ...at]);
      expect(listed.code).toBe(0);
      const flashed = await flash(sim, ...application, "--detach");
      expect(flashed.last).toMatchObject({ outcome: "PASS", bytes: FIRMWARE.length });
    });
    expect(Buffer.compare(content.subarray(8 * KIB, 8 * KIB + FIRMWARE.length), FIRMWARE)).toBe(0);
  },
);
