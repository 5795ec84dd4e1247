// A station as on a line: eight nests on four USB controllers of the virtual machine, units that are pulled out and put back at random, an agent that is
// killed, a server that is cut with and without a grant. At night only: it is emulated, and takes minutes.
import { copyFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import type { NestView, StationPageView } from "@flashline/contract";
import {
  createVirtualUnit,
  partByName,
  scaledClock,
  serveUsbRedir,
  type VirtualUnit,
} from "@flashline/virtual-stm32";
import { afterAll, beforeAll, expect, test } from "vitest";
import { bundleWhole } from "../../scripts/bundle.mjs";
import { type OpenPage, openPage } from "../e2e/support/open-page.ts";
import { addPlant, addRelease, firmware, LINE, PRODUCT, unitOf } from "../e2e/support/plant.ts";
import { freePort, type Rig, startRig, until } from "../e2e/support/rig.ts";
import { bootMachine, type Machine } from "./harness/machine.ts";
import { ControllerModel } from "./harness/usb.ts";

const IMAGE = firmware(6000, 1);
const HELD = firmware(6000, 2);
const STATION = "L3-VM";
const ORDER = "WO-VM";
const NESTS = 8;
const GRANTED = 12;
const PAGE_PORT = 8371;
const RELAY_PORT = 8372;
/** How long a port is empty before its nest takes another unit, and time for the kernel, milliseconds. */
const EMPTY_MS = 2_500;
const LOOK_MS = 400;
/** A nest that shows no other state for so long is helped by taking the unit out, milliseconds. */
const STUCK_MS = 60_000;
const MINUTES = 14;

const seed = Number(process.env["FLASHLINE_SEED"] ?? Math.floor(Math.random() * 1e9));
const random = generator(seed);
const { base } = partByName("f407").flash;

let rig: Rig;
let machine: Machine;
let url: string;
let start: () => Promise<void>;
const units: VirtualUnit[] = [];
const servers: { close(): Promise<void> }[] = [];

/** Mulberry32. */
function generator(from: number): () => number {
  let state = from >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}
const between = (low: number, high: number): number => low + random() * (high - low);

beforeAll(async () => {
  const [agent, relay] = [
    await bundleWhole("apps/agent", "src/main.ts", "agent"),
    await bundleWhole("test", "vm/guest/relay.ts", "relay"),
  ];
  const clock = scaledClock(1);
  const port = await freePort();
  url = `http://127.0.0.1:${port}`;
  const redirected = [];
  for (let at = 0; at < NESTS; at += 1) {
    const serial = `FFFF0000000${at}`;
    const unit = createVirtualUnit({ part: partByName("f407"), clock, timing: "none", serial });
    const server = await serveUsbRedir({ unit, port: 0 });
    units.push(unit);
    servers.push(server);
    redirected.push({
      port: server.port,
      controller: at < NESTS / 2 ? ControllerModel.Nec : ControllerModel.Qemu,
      controllerNumber: Math.floor(at / 2) % 2,
      rootPort: 1 + (at % 2),
    });
  }
  [rig, machine] = await Promise.all([
    startRig(),
    bootMachine({ redirected, forward: { from: port, to: RELAY_PORT } }),
  ]);
  await addPlant(rig);
  await addRelease(rig, "1.0.0", 1, IMAGE);
  await giving(1);
  const { body } = await rig.api("addStation", { body: { name: STATION, line: LINE } });
  const order = { product: PRODUCT, version: "1.0.0", quantity: 1_000, stations: [STATION] };
  await rig.api("addWorkOrder", { body: { number: ORDER, ...order } });
  await copyFile(rig.publicKeyFile, join(machine.folder, "release.pub"));
  await machine.check("/lib/systemd/systemd-udevd --daemon");
  const nests = await places();
  const program = `FLASHLINE_DATA=/run/agent FLASHLINE_PORT=${PAGE_PORT} node ${agent}`;
  const server = `http://10.0.2.2:${new URL(rig.url).port}`;
  const where = `--server ${server} --token ${body.token} --key /vm/release.pub`;
  await machine.check(`${program} enroll ${where} ${nests}`, { seconds: 240 });
  await machine.check(`node ${relay} ${RELAY_PORT} ${PAGE_PORT} >/run/relay.log 2>&1 & disown`);
  start = async () => {
    await machine.check(`${program} run >>/vm/agent.log 2>&1 & echo $! >/run/agent.pid; disown`);
  };
  await start();
}, 600_000);

afterAll(async () => {
  await machine?.stop();
  for (const server of servers) await server.close();
  await rig?.close();
});

const giving = (hours: number) =>
  rig.api("setPlantGrants", {
    params: { id: "Graz" },
    body: { hours, units: GRANTED, reason: "for the test" },
  });

/** `--nest N=PORT` of every unit, as the kernel calls the ports. */
async function places(): Promise<string> {
  const script = `
    for try in {1..600}; do
      found=$(grep -l df11 /sys/bus/usb/devices/*/idProduct | wc -l)
      [[ $found -ge ${NESTS} ]] && break
      sleep 0.2
    done
    for file in $(grep -l df11 /sys/bus/usb/devices/*/idProduct); do
      folder=\${file%/*}
      echo "\${folder##*/} $(cat $folder/serial)"
    done`;
  const lines = (await machine.check(script, { seconds: 180 })).trim().split("\n");
  expect(lines).toHaveLength(NESTS);
  const buses = new Set(lines.map((line) => line.split("-")[0]));
  expect(buses.size).toBe(4);
  const ports = new Map(lines.map((line) => [line.split(" ")[1], line.split(" ")[0]]));
  return units.map(({ serial }, at) => `--nest ${at + 1}=${ports.get(serial)}`).join(" ");
}

/** What is done at one nest. */
interface Hands {
  readonly unit: VirtualUnit;
  readonly nest: string;
  readonly seen: () => NestView | undefined;
  readonly tell: (action: string, body: Readonly<Record<string, string>>) => Promise<void>;
}

const passed = new Set<string>();
let begun = 0;

const nextSerial = (): string => {
  begun += 1;
  return `MC2-${String(begun).padStart(6, "0")}`;
};

/** Takes the unit out, until the page has seen it and the nest takes another one. */
async function takeOut({ unit, nest, seen, tell }: Hands): Promise<void> {
  unit.unplug();
  await tell("acknowledge", { nest });
  for (let look = 0; look < 50 && seen()?.state !== "empty"; look += 1) await pause(LOOK_MS);
  await pause(EMPTY_MS);
}

/** Does what the nest shows until the unit has passed, and pulls it out once in mid-work, or not. */
async function bringThrough(hands: Hands, serial: string, endsAt: number): Promise<void> {
  const { unit, nest, seen, tell } = hands;
  let mayPull = true;
  let shown = { state: "", at: performance.now() };
  while (!passed.has(serial) && performance.now() < endsAt) {
    await pause(LOOK_MS);
    const now = seen();
    if (now === undefined) continue;
    if (now.state !== shown.state) shown = { state: now.state, at: performance.now() };
    const isStuck = performance.now() - shown.at > STUCK_MS;
    if (now.state === "fail" || isStuck) {
      await takeOut(hands);
      unit.plug();
      shown = { state: "", at: performance.now() };
    } else if (now.state === "present") {
      await scan(tell, nest, serial);
      await pause(5 * LOOK_MS);
    } else if (now.state === "ready" && now.serial === serial) {
      await tell("start", { nest });
      if (mayPull && random() < 0.4) {
        mayPull = false;
        await pause(between(0, 4_000));
        unit.unplug(random() < 0.5 ? between(200, 3_000) : between(15_000, 20_000));
      }
    } else if (hasPassed(now, serial)) {
      expect(holdsImage(unit)).toBe(true);
      passed.add(serial);
    }
  }
}

/** The station says so, or refuses it because it has passed already: the page was away when it did. */
const hasPassed = (nest: NestView, serial: string): boolean =>
  (nest.state === "pass" && nest.serial === serial) ||
  (nest.state === "refused" && nest.refusal.code === "preflight.already_passed");

/** One unit after the other, and one at least, until everything has happened to them. */
async function workAt(hands: Hands, isOver: () => boolean, endsAt: number): Promise<void> {
  for (let done = 0; done === 0 || (!isOver() && performance.now() < endsAt); done += 1) {
    hands.unit.flash.load(base, HELD);
    await bringThrough(hands, nextSerial(), endsAt);
    await takeOut(hands);
    hands.unit.replace({ serial: `FFFF${String(done).padStart(4, "0")}000${hands.nest}` });
  }
}

const holdsImage = (unit: VirtualUnit): boolean =>
  Buffer.compare(unit.flash.snapshot().subarray(0, IMAGE.length), IMAGE) === 0;

let scanner: Promise<unknown> = Promise.resolve();
/** One scanner for all nests. */
function scan(tell: Hands["tell"], nest: string, serial: string): Promise<unknown> {
  scanner = scanner.then(async () => {
    await tell("scan", { text: `FL-NEST-${nest}` });
    await tell("scan", { text: serial });
  });
  return scanner;
}

/**
 * The agent is killed, and the server twice: while the plant gives grants, and while it gives none. Each comes when the station has got somewhere, however
 * slow the machine is.
 */
async function disturb(view: () => StationPageView | undefined): Promise<void> {
  const when = (what: string, isSo: () => boolean) =>
    until(
      what,
      () => isSo() || undefined,
      MINUTES * 60_000,
      () => JSON.stringify(view()),
    );
  const more = (units: number) => {
    const wanted = passed.size + units;
    return when(`${units} more units have passed`, () => passed.size >= wanted);
  };
  await more(3);
  await pause(between(0, 5_000));
  await machine.check("kill -9 $(cat /run/agent.pid)");
  await pause(between(500, 3_000));
  await start();
  await more(2);
  await when("the station has a grant", () => (view()?.grant?.left ?? 0) > 4);
  await rig.stopServer("SIGKILL");
  await Promise.all([more(3), pause(60_000)]);
  await rig.startServer();
  await when("the server has all", () => view()?.queuedResults === 0);
  await giving(0);
  await when("the station has no grant", () => view()?.grant === null);
  await rig.stopServer("SIGKILL");
  await pause(60_000);
  await rig.startServer();
  await more(2);
}

test(
  `eight nests on four controllers lose and double nothing, whatever is pulled, killed and cut (seed ${seed})`,
  async () => {
    let page: OpenPage | undefined;
    let isOver = false;
    const endsAt = performance.now() + MINUTES * 60_000;
    // As a browser: it comes back when the agent does.
    const watching = (async () => {
      while (!isOver) {
        page = await openPage(url).catch(() => undefined);
        await page?.until("the end", () => isOver).catch(() => undefined);
        await pause(500);
      }
    })();
    const hands = units.map((unit, at): Hands => {
      const nest = String(at + 1);
      return {
        ...{ unit, nest },
        seen: () => page?.view.nests.find(({ name }) => name === nest),
        tell: async (action, body) => {
          await page?.tell(action, body).catch(() => undefined);
        },
      };
    });
    let isDone = false;
    const disturbing = disturb(() => page?.view).finally(() => {
      isDone = true;
    });
    await Promise.all([disturbing, ...hands.map((one) => workAt(one, () => isDone, endsAt))]);
    await until(
      "the server has all",
      () => page?.view.queuedResults === 0 || undefined,
      120_000,
      () => JSON.stringify(page?.view),
    );
    isOver = true;
    page?.close();
    await watching;
    expect(passed.size).toBe(begun);
    for (const serial of passed) {
      const unit = await unitOf(rig, serial);
      expect(unit?.state).toBe("passed");
      expect(unit?.history.filter(({ outcome }) => outcome === "PASS")).toHaveLength(1);
      expect(new Set(unit?.history.map(({ id }) => id)).size).toBe(unit?.history.length);
      const open = unit?.jobs.filter(({ state }) => !/^(PASSED|FAILED|CANCELLED)$/.test(state));
      expect(open).toEqual([]);
    }
    const { body: order } = await rig.api("workOrder", { params: { id: ORDER } });
    expect(order).toMatchObject({ passed: begun, used: begun });
    const { body: grants } = await rig.api("grants", { query: { order: ORDER } });
    for (const { used, units: most } of grants) expect(used).toBeLessThanOrEqual(most);
    expect(grants.some(({ used }) => used > 0)).toBe(true);
  },
  (MINUTES + 4) * 60_000,
);
