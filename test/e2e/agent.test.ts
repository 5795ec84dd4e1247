import { readFile, rm } from "node:fs/promises";
import { join } from "node:path";
import { PROTOCOL_HEADER } from "@flashline/contract";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import {
  addPlant,
  addRelease,
  firmware,
  LINE,
  LISTED_PRODUCT,
  PRODUCT,
  type TestRelease,
  unitOf,
} from "./support/plant.ts";
import { AGENT, type Rig, runProcess, startRig, until } from "./support/rig.ts";
import { type StationOptions, startStation, type TestStation } from "./support/station.ts";

const SMALL = firmware(6000, 1);
/** Long enough on the wire to be interrupted in the middle. */
const LARGE = firmware(96 * 1024, 2);
/** It is worked on for a second and more: so long it takes a busy machine to stop a process. */
const SLOW = { speed: 2 };

describe("the agent, against a real server and real virtual units over USB/IP", () => {
  let rig: Rig;
  let small: TestRelease;
  let large: TestRelease;
  let stations: TestStation[] = [];
  let count = 0;

  beforeAll(async () => {
    rig = await startRig();
    await addPlant(rig);
    small = await addRelease(rig, "1.0.0", 1, SMALL);
    large = await addRelease(rig, "1.1.0", 2, LARGE);
  });
  afterAll(() => rig.close());
  afterEach(async () => {
    await Promise.all(stations.map((station) => station.close()));
    stations = [];
  });

  /** A station with a work order of its own. */
  async function stationFor(
    release: TestRelease,
    options: Partial<StationOptions> = {},
    quantity = 100,
  ): Promise<TestStation> {
    count += 1;
    const name = `L3-0${count}`;
    const order = { number: `WO-${count}`, product: PRODUCT, version: release.version, quantity };
    const station = await startStation(rig, { name, line: LINE, order, ...options });
    stations.push(station);
    return station;
  }

  async function orderOf({ name }: TestStation): Promise<string> {
    const { body } = await rig.api("workOrders", { query: { limit: 100 } });
    const found = body.find(({ stations }) => stations.some((each) => each === name));
    return found?.id ?? "";
  }

  /** The unit's record once the server has its latest result. */
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
  const cancelled = (station: TestStation, serial: string) =>
    until(
      `the job of ${serial} is cancelled`,
      async () => {
        const found = await unitOf(rig, serial);
        return found?.jobs[0]?.state === "CANCELLED" ? found : undefined;
      },
      30_000,
      station.agentOutput,
    );

  it("flashes two nests at once, and the server has both results", async () => {
    const dump = join(rig.folder, "dump");
    // Of a fast clock's time-outs a simulator may miss one that waits for its core: that would be an incident.
    const station = await stationFor(small, { dump, speed: 3 });
    expect((await station.view()).nests.map(({ next }) => next)).toEqual([true, false]);
    await station.tell("scan", { text: "MC2-000001" });
    await station.tell("scan", { text: "mc2-000002" });
    await station.untilNest("1", "ready");
    await station.untilNest("2", "ready");
    await station.tell("scan", { text: "FL-START" });
    // Both are looked at from the start: the first PASS may have gone before the second one comes.
    const nests = await Promise.all(
      ["1", "2"].map((nest) => station.untilNest(nest, "pass", "fail")),
    );
    expect(nests).toMatchObject([
      { state: "pass", serial: "MC2-000001" },
      { state: "pass", serial: "MC2-000002" },
    ]);
    const unit = await reported(station, "MC2-000001", "PASS");
    expect(unit).toMatchObject({ state: "passed" });
    expect(unit.history[0]).toMatchObject({
      station: station.name,
      virtual: true,
      chip: "STM32F407",
      profile: "standard",
      linkIncident: false,
    });
    // A nest shows its PASS as soon as the journal has it, and the server may have it later.
    await expect
      .poll(() => station.view(), { timeout: 20_000 })
      .toMatchObject({
        today: { passed: 2, failed: 0 },
        queuedResults: 0,
        virtual: true,
        last: [{ outcome: "PASS" }, { outcome: "PASS" }],
      });
    await station.sim.stop();
    const flash = await readFile(join(dump, "unit-1.bin"));
    expect(flash.subarray(0, SMALL.length).equals(SMALL)).toBe(true);
  });

  it("starts with the profile that an engineer has set for its host, and says so after a kill -9", async () => {
    const station = await stationFor(large);
    await station.flash("1", "MC2-000181");
    await reported(station, "MC2-000181", "PASS");
    const { body } = await rig.api("hosts", {});
    const id = body.hosts.find(({ name }) => name === station.name)?.id ?? "";
    const reason = "until the hub is here";
    await rig.api("setHostProfile", { params: { id }, body: { profile: "gentle", reason } });
    await station.flash("2", "MC2-000182");
    const slow = await reported(station, "MC2-000182", "PASS");
    const [attempt] = slow.history;
    const detail = await rig.api("attempt", { params: { id: attempt?.id ?? "" }, query: {} });
    expect(detail.body).toMatchObject({ startProfile: "gentle", profile: "gentle" });

    await station.replaceUnit("1");
    await station.tell("scan", { text: "MC2-000183" });
    await station.untilNest("1", "ready");
    await station.tell("start");
    await station.untilTouched("1");
    await station.endAgent("SIGKILL");
    await station.startAgent();
    const cut = await reported(station, "MC2-000183", "FAIL");
    expect(cut.history[0]).toMatchObject({ code: "attempt.interrupted", profile: "gentle" });
  });

  it("refuses what must not be flashed, each with its code, and erases nothing", async () => {
    const station = await stationFor(small, {}, 1);
    const codeAt = async (serial: string) => {
      const nest = await station.flash("1", serial);
      return nest.refusal?.code;
    };
    expect((await station.tell("scan", { text: "4006381333931" })).notice).toMatchObject({
      kind: "refused",
    });
    const passed = await station.flash("1", "MC2-000011");
    expect(passed.state).toBe("pass");
    await reported(station, "MC2-000011", "PASS");
    await station.replaceUnit("1");
    expect(await codeAt("MC2-000011")).toBe("preflight.already_passed");
    expect(await codeAt("MC2-000012")).toBe("preflight.quota_reached");
    await rig.api("setOrderQuantity", {
      params: { id: await orderOf(station) },
      body: { quantity: 2, reason: "two are wanted" },
    });
    // Nobody scans again: the station asks by itself when the server has something new.
    expect(await station.untilNest("1", "ready")).toMatchObject({ serial: "MC2-000012" });
    const target = { kind: "nest", station: station.name, nest: "1" } as const;
    await rig.api("setHold", { body: { target, reason: "a bent pin" } });
    expect(await station.untilNest("1", "off")).toMatchObject({
      hold: { kind: "nest", reason: "a bent pin" },
    });
    await rig.api("liftHold", { body: { target, reason: "the pin is straight" } });
    await station.untilNest("1", "present");

    const revoked = await addRelease(rig, "1.0.1", 3, firmware(4000, 3));
    const other = await stationFor(revoked);
    await other.tell("scan", { text: "MC2-000013" });
    await other.untilNest("1", "ready");
    await rig.api("revoke", { params: { id: revoked.id }, body: { reason: "bad batch of bytes" } });
    expect((await other.untilNest("1", "refused")).refusal.code).toBe("release.revoked");
    expect(await unitOf(rig, "MC2-000013")).toBeUndefined();
  });

  it("refuses a serial that is on no list, and takes the right label in the same nest", async () => {
    const release = await addRelease(rig, "1.0.0", 1, SMALL, rig.secretKey, LISTED_PRODUCT);
    const order = { number: "WO-FAN", product: LISTED_PRODUCT, version: "1.0.0", quantity: 9 };
    const station = await stationFor(release, { order });
    expect((await station.tell("scan", { text: "MC2-000014" })).notice.kind).toBe("refused");
    await station.tell("scan", { text: "FAN-000404" });
    expect((await station.untilNest("1", "refused")).refusal.code).toBe("preflight.unknown_serial");
    expect((await station.view()).nests.map(({ next }) => next)).toEqual([true, false]);
    await station.tell("scan", { text: "FAN-000001" });
    expect((await station.untilNest("1", "ready")).serial).toBe("FAN-000001");
    expect(await unitOf(rig, "FAN-000404")).toBeUndefined();
    await station.tell("scan", { text: "FL-START" });
    expect((await station.untilNest("1", "refused")).refusal.code).toBe("preflight.virtual_unit");
    expect((await cancelled(station, "FAN-000001")).history).toEqual([]);
  });

  it("refuses a release whose key is not pinned here, whatever the server says", async () => {
    const station = await stationFor(small, { withoutKey: true });
    expect(await station.flash("1", "MC2-000021")).toMatchObject({
      state: "refused",
      refusal: { code: "release.key_unknown" },
    });
    const unit = await cancelled(station, "MC2-000021");
    expect(unit.history).toEqual([]);
  });

  it("refuses a unit of another chip before the first erase", async () => {
    const station = await stationFor(small, { chip: "g0b1" });
    expect(await station.flash("1", "MC2-000031")).toMatchObject({
      state: "fail",
      refusal: { code: "device.wrong_chip" },
    });
    const unit = await cancelled(station, "MC2-000031");
    expect(unit).toMatchObject({ state: "failed", last: { code: "device.wrong_chip" } });
  });

  it("lives on when a unit is pulled out in mid-write", async () => {
    const station = await stationFor(large, { faults: ["unplug=20000:1"] });
    const failed = station.flash("1", "MC2-000041");
    const passed = station.flash("2", "MC2-000042");
    const trouble = await until("the page says that the unit is gone", async () => {
      const nest = await station.nest("1");
      return nest.state === "busy" ? (nest.trouble ?? undefined) : undefined;
    });
    expect(trouble.kind).toBe("gone");
    expect(await failed).toMatchObject({ state: "fail", refusal: { code: "attempt.unplugged" } });
    expect(await passed).toMatchObject({ state: "pass" });
    const unit = await reported(station, "MC2-000041", "FAIL");
    expect(unit.history[0]).toMatchObject({
      code: "attempt.unplugged",
      blame: "operator",
      linkIncident: false,
    });
    expect(unit.state).toBe("failed");
  });

  it("reports an attempt that was cut off by kill -9, and flashes the unit again", async () => {
    const station = await stationFor(large, SLOW);
    await station.tell("scan", { text: "MC2-000051" });
    await station.untilNest("1", "ready");
    await station.tell("start");
    await station.untilTouched("1");
    await station.endAgent("SIGKILL");
    await station.startAgent();
    expect(await station.untilNest("1", "fail")).toMatchObject({
      serial: "MC2-000051",
      refusal: { code: "attempt.interrupted" },
    });
    const unit = await reported(station, "MC2-000051", "FAIL");
    expect(unit.history[0]).toMatchObject({ code: "attempt.interrupted", blame: "system" });
    // Nobody has seen it yet: the next life of the agent shows what its journal says.
    await station.endAgent("SIGKILL");
    await station.startAgent();
    expect((await station.untilNest("1", "fail")).refusal.code).toBe("attempt.interrupted");
    // The journal is shown before the ports are looked at.
    await station.untilNest("2", "present");
    const again = await station.flash("1", "MC2-000051");
    expect(again).toMatchObject({ state: "pass" });
    expect((await station.view()).today).toEqual({ passed: 1, failed: 1 });
  });

  it("calls the lead, and says who comes once somebody has said so", async () => {
    const station = await stationFor(small);
    const becomes = (state: string | undefined) =>
      until(`the call is ${state ?? "over"}`, async () =>
        (await station.view()).call?.state === state ? true : undefined,
      );
    await station.tell("call-lead");
    await becomes("called");
    await station.tell("call-lead");
    const open = await rig.api("alarms", { query: { rule: "lead.called" } });
    expect(open.body).toMatchObject([{ station: station.name, takenBy: null }]);
    await rig.api("takeAlarm", { params: { id: open.body[0]?.id ?? "" }, body: {} });
    await becomes("taken");
    expect((await station.view()).call).toMatchObject({ by: "token test" });
    await station.tell("end-call");
    await becomes(undefined);
    expect((await rig.api("alarms", { query: { rule: "lead.called" } })).body).toEqual([]);
  });

  it("keeps results while the server is away, over a restart, and delivers each once", async () => {
    const station = await stationFor(large, SLOW);
    const settings = { answerS: 10 };
    const body = { settings, reason: "the test does not wait two minutes" };
    await rig.api("setAlarmRule", { params: { rule: "lead.called" }, body });
    await station.tell("call-lead");
    await until("the lead is called", async () =>
      (await station.view()).call?.state === "called" ? true : undefined,
    );
    await station.tell("scan", { text: "MC2-000061" });
    await station.untilNest("1", "ready");
    await station.tell("start");
    await station.untilTouched("1");
    await rig.stopServer();
    // The list of the last units, because a slow machine stops a server for longer than a nest shows its PASS.
    const ended = await until("the attempt has ended", async () => (await station.view()).last[0]);
    expect(ended).toMatchObject({ serial: "MC2-000061", outcome: "PASS" });
    await until("the page says that the server is away", async () => {
      const { server, queuedResults } = await station.view();
      return server === "away" && queuedResults === 1 ? true : undefined;
    });
    expect(await station.flash("2", "MC2-000062")).toMatchObject({
      state: "refused",
      refusal: { code: "agent.offline" },
    });
    await until("nobody comes, which the station finds without the server", async () => {
      const { call } = await station.view();
      return call?.state === "called" && call.overdue ? true : undefined;
    });
    await station.tell("call-lead");
    await until("a call without the server is said to be none", async () =>
      (await station.view()).call?.state === "not-sent" ? true : undefined,
    );
    await station.endAgent();
    await station.startAgent();
    expect(await station.view()).toMatchObject({
      server: "away",
      queuedResults: 1,
      today: { passed: 1, failed: 0 },
    });
    await rig.startServer();
    await until("the result is delivered", async () =>
      (await station.view()).queuedResults === 0 ? true : undefined,
    );
    const unit = await unitOf(rig, "MC2-000061");
    expect(unit).toMatchObject({ state: "passed", history: [{ outcome: "PASS" }] });
  });

  it("cannot change a result afterwards", async () => {
    const station = await stationFor(small);
    expect((await station.flash("1", "MC2-000071")).state).toBe("pass");
    const unit = await reported(station, "MC2-000071", "PASS");
    const body = await journaledBody(station, unit.history[0]?.id ?? "");
    const { credential } = JSON.parse(
      await readFile(join(station.dataDir, "station.json"), "utf8"),
    );
    const put = (content: string) =>
      fetch(`${rig.url}/v1/agent/attempts/${unit.history[0]?.id}/result`, {
        method: "PUT",
        headers: {
          authorization: `Bearer ${credential}`,
          "content-type": "application/json",
          [PROTOCOL_HEADER]: "1",
        },
        body: content,
      });
    expect((await put(body)).status).toBe(200);
    const other = await put(body.replace('"PASS"', '"FAIL"'));
    expect(other.status).toBe(409);
    expect(await other.json()).toMatchObject({ code: "result.conflict" });
    expect(await unitOf(rig, "MC2-000071")).toMatchObject({ state: "passed" });
  });

  it("starts once on a data folder, and has a doctor that finds nothing, and then what is wrong", async () => {
    const station = await stationFor(small);
    const twice = await runProcess(AGENT, ["run", "--usbip", station.usbip], station.env);
    expect(twice.code).toBe(1);
    expect(twice.output).toContain("Another agent runs on");
    const env = { FLASHLINE_DATA: join(rig.folder, "nothing"), FLASHLINE_PORT: "0" };
    const stranger = await runProcess(AGENT, ["run", "--usbip", station.usbip], env);
    expect(stranger.code).toBe(1);
    expect(stranger.output).toContain("agent.not_enrolled");
    const doctor = () =>
      runProcess(AGENT, ["doctor", "--json", "--usbip", station.usbip], station.env);
    const healthy = await doctor();
    expect(healthy, healthy.output).toMatchObject({ code: 0 });
    expect(JSON.parse(healthy.output)).toMatchObject({ healthy: true });
    await rm(join(station.dataDir, "keys"), { recursive: true });
    await rig.stopServer();
    const ill = await doctor();
    await rig.startServer();
    expect(ill.code).toBe(1);
    const findings: { name: string; level: string }[] = JSON.parse(ill.output).findings;
    const failing = findings.filter(({ level }) => level === "fail").map(({ name }) => name);
    expect(failing).toEqual(["server", "keys"]);
  });
});

/** The exact body of a result, as the journal keeps it until compaction. */
async function journaledBody(station: TestStation, attemptId: string): Promise<string> {
  const lines = (await readFile(join(station.dataDir, "journal.jsonl"), "utf8")).split("\n");
  const entries: { entry: string; attemptId: string; body?: string }[] = lines
    .filter((line) => line !== "")
    .map((line) => JSON.parse(line.slice(9)));
  return (
    entries.find((entry) => entry.entry === "result" && entry.attemptId === attemptId)?.body ?? ""
  );
}
