import { execFile } from "node:child_process";
import { readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { flashline } from "./support/command.ts";
import {
  addPlant,
  addRelease,
  firmware,
  LINE,
  PRODUCT,
  type TestRelease,
  unitOf,
} from "./support/plant.ts";
import { startRedis } from "./support/redis.ts";
import { type Rig, startRig, until } from "./support/rig.ts";
import { type StationOptions, startStation, type TestStation } from "./support/station.ts";
import {
  expectedFlash,
  firstDifference,
  type Given,
  keyOf,
  noSecretOf,
  PATCH,
} from "./support/unit-data.ts";

const run = promisify(execFile);

const SMALL = firmware(12_000, 4);
/** Long enough on the wire to stop a server in the middle. */
const LARGE = firmware(256 * 1024, 5);
describe("per-unit data from the release to the flash, on PostgreSQL and Redis", () => {
  let redis: Awaited<ReturnType<typeof startRedis>>;
  let rig: Rig;
  let small: TestRelease;
  let large: TestRelease;
  let stations: TestStation[] = [];
  let count = 0;

  beforeAll(async () => {
    redis = await startRedis();
    rig = await startRig({ REDIS_URL: redis.url });
    await addPlant(rig);
    const range = (name: string, kind: "counter" | "mac", first: number) =>
      rig.api("addRange", { body: { product: PRODUCT, name, kind, first, last: first + 99 } });
    await range("number", "counter", 5000);
    await range("mac", "mac", 0x70b3_d512_3000);
    const recipe = {
      patch: PATCH,
      bankMode: "single",
      expectOptions: { RDP: 0, BOR_LEV: 3 },
    };
    small = await addRelease(rig, "1.0.0", 1, SMALL, rig.secretKey, PRODUCT, {
      schema: 2,
      recipe: { ...recipe, expectAfterLeave: { show: "dfu-gone" } },
    });
    large = await addRelease(rig, "1.1.0", 2, LARGE, rig.secretKey, PRODUCT, { schema: 2, recipe });
  });
  afterAll(async () => {
    await rig.close();
    await redis.stop();
  });
  afterEach(async () => {
    await Promise.all(stations.map((station) => station.close()));
    stations = [];
  });

  async function stationFor(
    release: TestRelease,
    options: Partial<StationOptions> = {},
  ): Promise<TestStation> {
    count += 1;
    const name = `L5-0${count}`;
    const order = { number: `WO-5${count}`, product: PRODUCT, version: release.version };
    const station = await startStation(rig, {
      name,
      line: LINE,
      order: { ...order, quantity: 50 },
      ...options,
    });
    stations.push(station);
    return station;
  }
  const give = (...serials: readonly string[]) =>
    rig.api("giveValues", {
      body: {
        product: PRODUCT,
        units: serials.map((serial) => ({
          serial,
          values: { variant: "EU-16A" },
          secrets: { key: keyOf(serial) },
        })),
      },
    });
  const reported = (station: TestStation, serial: string, outcome: "PASS" | "FAIL") =>
    until(
      `the server has a ${outcome} of ${serial}`,
      async () => {
        const found = await unitOf(rig, serial);
        return found?.history[0]?.outcome === outcome ? found : undefined;
      },
      30_000,
      station.agentOutput,
    );
  async function numbersOf(serial: string): Promise<Given> {
    const values = (await unitOf(rig, serial))?.values ?? [];
    const of = (name: string) => Number(values.find((each) => each.name === name)?.value);
    return { number: of("number"), mac: of("mac") };
  }

  it("two units at once hold exactly the image and their own data, and no secret stays anywhere", async () => {
    const dump = join(rig.folder, "dump-two");
    const station = await stationFor(small, { dump });
    const serials = ["MC2-500001", "MC2-500002"];
    expect(await station.flash("1", "MC2-500009")).toMatchObject({
      refusal: { code: "values.missing" },
    });
    await station.tell("acknowledge", { nest: "1" });
    await give(...serials);
    const nests = await Promise.all([
      station.flash("1", "MC2-500001"),
      station.flash("2", "MC2-500002"),
    ]);
    expect(nests).toMatchObject([{ state: "pass" }, { state: "pass" }]);
    const units = await Promise.all(serials.map((serial) => reported(station, serial, "PASS")));
    const [one, two] = await Promise.all(serials.map(numbersOf));
    if (one === undefined || two === undefined) return expect.fail("no numbers");
    expect([one.number, two.number].sort()).toEqual([5000, 5001]);
    expect([one.mac, two.mac].sort()).toEqual([0x70b3_d512_3000, 0x70b3_d512_3001]);
    const digests = units.map(({ history }) => history[0]?.patch?.digest);
    expect(new Set(digests).size).toBe(2);
    expect(units[0]?.history[0]?.patch?.fields).toEqual(PATCH.fields.map(({ name }) => name));
    expect(units[0]?.history[0]?.transcript).toBeNull();
    expect(units[0]?.values.map(({ name }) => name)).not.toContain("key");

    await station.sim.stop();
    for (const [index, given] of [one, two].entries()) {
      const flash = await readFile(join(dump, `unit-${index + 1}.bin`));
      const wanted = expectedFlash(SMALL, serials[index] ?? "", given);
      expect(firstDifference(flash, wanted)).toBe(-1);
      expect(flash.subarray(wanted.length).every((byte) => byte === 0xff)).toBe(true);
    }
    await noSecretOf(serials, rig.folder, [station.agentOutput(), rig.serverOutput()]);
  });

  it("keeps a failed attempt's transcript while the server is away, and gives a retry the same values", async () => {
    const dump = join(rig.folder, "dump-retry");
    const serial = "MC2-500011";
    await give(serial);
    const station = await stationFor(large, { dump, speed: 3, nests: 1 });
    await station.tell("scan", { text: serial });
    await station.untilNest("1", "ready");
    await station.tell("start");
    await station.untilTouched("1");
    await rig.stopServer("SIGKILL");
    station.sim.command("unplug 1");
    expect((await station.untilNest("1", "fail")).refusal.code).toBe("attempt.unplugged");
    const waiting = await until("the transcript is on the station's disk", async () => {
      const names = await readdir(join(station.dataDir, "transcripts")).catch(() => []);
      return names.find((name) => name.endsWith(".pcapng"));
    });
    expect((await station.view()).queuedResults).toBe(1);
    await rig.startServer();
    const failed = await reported(station, serial, "FAIL");
    const attempt = failed.history[0]?.id ?? "";
    expect(waiting).toBe(`${attempt}.pcapng`);
    await until("the server has the transcript", async () =>
      (await unitOf(rig, serial))?.history[0]?.transcript === null ? undefined : true,
    );
    const before = await numbersOf(serial);

    const file = join(rig.folder, "failed.pcapng");
    const env = { FLASHLINE_SERVER: rig.url, FLASHLINE_TOKEN: rig.token };
    const fetched = await flashline(["unit", "transcript", attempt, "--out", file, "--json"], {
      env,
    });
    expect(fetched, fetched.stderr).toMatchObject({ code: 0 });
    const bytes = await readFile(file);
    expect(bytes.includes(Buffer.from(keyOf(serial), "hex"))).toBe(false);
    expect(bytes.includes(LARGE.subarray(0x9000, 0x9010))).toBe(false);
    const { stdout } = await run("tshark", [
      ...["-r", file, "-d", "usb.product==0x0483df11,usbdfu", "-T", "fields"],
      ...["-e", "usbdfu.command", "-e", "usb.urb_status", "-e", "frame.comment"],
      ...["-e", "_ws.malformed"],
    ]);
    const packets = stdout
      .trimEnd()
      .split("\n")
      .map((line) => line.split("\t"));
    expect(packets.length).toBeGreaterThan(50);
    // tshark calls an answer malformed that never came; those that did come it reads.
    const answered = packets.filter(([, status = ""]) => ["0", "-115"].includes(status));
    expect(answered.filter(([, , , malformed = ""]) => malformed !== "")).toEqual([]);
    expect(packets.some(([command]) => command === "1")).toBe(true);
    expect(packets.some(([, status]) => status === "-108")).toBe(true);
    expect(stdout).toMatch(/2048 bytes of content, of which this is a digest/);

    station.sim.command("plug 1");
    await station.tell("acknowledge", { nest: "1" });
    await station.untilNest("1", "present");
    expect(await station.flash("1", serial)).toMatchObject({ state: "pass", serial });
    await reported(station, serial, "PASS");
    expect(await numbersOf(serial)).toEqual(before);
    await station.sim.stop();
    const flash = await readFile(join(dump, "unit-1.bin"));
    const wanted = expectedFlash(LARGE, serial, before);
    expect(firstDifference(flash, wanted)).toBe(-1);
    await noSecretOf([serial], rig.folder, [station.agentOutput(), rig.serverOutput()]);
  });

  it("refuses other option bytes and another bank mode before the first erase, and fails what does not start", async () => {
    const dump = join(rig.folder, "dump-refused");
    const wrong = await addRelease(rig, "1.2.0", 3, SMALL, rig.secretKey, PRODUCT, {
      schema: 2,
      recipe: { expectOptions: { BOR_LEV: 0 } },
    });
    const station = await stationFor(wrong, { dump, nests: 1 });
    expect(await station.flash("1", "MC2-500021")).toMatchObject({
      state: "fail",
      refusal: { code: "options.mismatch" },
    });
    const unit = await reported(station, "MC2-500021", "FAIL");
    expect(unit.history[0]).toMatchObject({ code: "options.mismatch", erasedSectors: 0 });
    expect(unit.jobs[0]?.state).toBe("CANCELLED");
    await station.sim.stop();
    const flash = await readFile(join(dump, "unit-1.bin"));
    expect(flash.every((byte) => byte === 0xff)).toBe(true);

    // Two MiB of this class always are two banks; of the class alone nobody can say so when the release is published.
    const product = { name: "MC-3", chip: "STM32F429", serialPattern: "MC3-[0-9]{6}" };
    await rig.api("addProduct", {
      body: { ...product, registration: "pattern", allowVirtual: true },
    });
    await addRelease(rig, "3.0.0", 1, SMALL, rig.secretKey, product.name, {
      schema: 2,
      chip: product.chip,
      recipe: { bankMode: "single" },
    });
    const order = { number: "WO-59", product: product.name, version: "3.0.0", quantity: 5 };
    const dual = await stationFor(wrong, { nests: 1, chip: "f429", order });
    expect(await dual.flash("1", "MC3-500023")).toMatchObject({
      state: "fail",
      refusal: { code: "plan.bank_mode" },
    });
    expect((await reported(dual, "MC3-500023", "FAIL")).history[0]).toMatchObject({
      code: "plan.bank_mode",
      erasedSectors: 0,
    });

    const dead = Buffer.from(SMALL);
    dead.writeUInt32LE(0xffff_ffff, 4);
    const release = await addRelease(rig, "1.3.0", 5, dead, rig.secretKey, PRODUCT, {
      schema: 2,
      // It has none that could start: without this word no such release is taken.
      recipe: { vectorTable: "none", expectAfterLeave: { show: "dfu-gone", withinSeconds: 3 } },
    });
    const other = await stationFor(release, { nests: 1 });
    expect(await other.flash("1", "MC2-500022")).toMatchObject({
      state: "fail",
      refusal: { code: "leave.bootloader" },
    });
    expect((await reported(other, "MC2-500022", "FAIL")).history[0]?.phase).toBe("leave");
  });

  it("gives no unit of a release that asks for the application's serial to a station that could not see it", async () => {
    const release = await addRelease(rig, "1.4.0", 6, SMALL, rig.secretKey, PRODUCT, {
      schema: 2,
      recipe: { expectAfterLeave: { serial: { from: "serial" } } },
    });
    const station = await stationFor(release, { nests: 1 });
    expect(await station.flash("1", "MC2-500031")).toMatchObject({
      refusal: { code: "release.agent_cannot" },
    });
    expect((await unitOf(rig, "MC2-500031"))?.jobs ?? []).toEqual([]);
  });

  it("is signed, published and shown by the command line", async () => {
    const env = { FLASHLINE_SERVER: rig.url, FLASHLINE_TOKEN: rig.token };
    const at = { cwd: rig.folder, env };
    const { formatSecretKey } = await import("@flashline/signing");
    await writeFile(join(rig.folder, "team.key"), formatSecretKey(rig.secretKey));
    await writeFile(join(rig.folder, "app.bin"), SMALL);
    const overlapping = { fields: [...PATCH.fields, { ...PATCH.fields[0], name: "again" }] };
    await writeFile(join(rig.folder, "fields.json"), JSON.stringify(PATCH));
    await writeFile(join(rig.folder, "wrong.json"), JSON.stringify(overlapping));
    const sign = (version: string, spec: string) =>
      flashline(
        [
          ...["release", "sign", "app.bin", "--key", "team.key", "--chip", "STM32F407"],
          ...["--product", PRODUCT, "--version", version, "--counter", "9", "--patch-spec", spec],
          ...["--expect-option", "BOR_LEV=3", "--expect", "0483:5740", "--within", "5"],
          ...["--bank-mode", "single", "--expect-serial", "P-{1}", "--serial-pattern", "MC2-(.*)"],
        ],
        at,
      );
    // What the server would refuse is not signed.
    const refused = await sign("2.0.0", "wrong.json");
    expect(refused.code).not.toBe(0);
    expect(refused.stderr).toContain("the fields serial and again share 0x08002000");
    expect((await sign("2.0.0", "fields.json")).code).toBe(0);
    const published = await flashline(["release", "publish"], at);
    expect(published.code, published.stderr).toBe(0);
    for (const line of [
      "for single bank mode",
      "expects option bytes BOR_LEV=3",
      "expects 0483:5740 within 5 s of the start",
      "expects the USB serial P-{1} of MC2-(.*) within 5 s of the start",
      "mac      bytes  0x08002030+6   range mac",
      "key      bytes  0x08002050+16  given         secret",
    ]) {
      expect(published.stdout).toContain(line);
    }
  });
});
