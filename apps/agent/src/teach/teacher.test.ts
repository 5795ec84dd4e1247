import { mkdtemp, readFile, rm } from "node:fs/promises";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type NestChange, StationSetup } from "@flashline/contract";
import type { AttachedUnit, PortPlace } from "@flashline/usb-host";
import { pino } from "pino";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { serverLink } from "../server/link.ts";
import { createBoard } from "../station/board.ts";
import { unitOn } from "../station/testing.ts";
import { openTeacher, type TeachingPlace } from "./teacher.ts";

const log = pino({ level: "silent" });
const ENROLLED = StationSetup.parse({
  stationId: "019f0000-0000-7000-8000-000000000001",
  station: "L3-07",
  line: "3",
  plant: "Plant",
  timeZone: "UTC",
  workOrder: null,
  nests: [{ name: "1", portPath: "3-1.1", enabled: true }],
});
const at = (portPath: string, controller = "0000:00:14.0"): AttachedUnit => {
  const unit = unitOn(portPath);
  const host = { ...unit.host, controller: { ...unit.host.controller, pciAddress: controller } };
  return { ...unit, host };
};

let dataDir: string;
let server: Server;
/** What the server was told, and what it refuses with, where it does. */
let told: { name: string; portPath: string; was?: string }[][];
let refuses: string | null;
beforeEach(async () => {
  dataDir = await mkdtemp(join(tmpdir(), "flashline-teach-"));
  told = [];
  refuses = null;
  server = createServer((request, response) => {
    let text = "";
    request.on("data", (chunk: Buffer) => {
      text += chunk.toString();
    });
    request.on("end", () => {
      const answer = (status: number, body: object): void => {
        response.writeHead(status, { "content-type": "application/json" });
        response.end(JSON.stringify(body));
      };
      if (refuses !== null) {
        answer(409, { code: refuses, blame: "operator", message: "", action: "" });
        return;
      }
      const { nests } = JSON.parse(text);
      told.push(nests);
      const named = nests.map(({ name, portPath }: (typeof told)[number][number]) => ({
        name,
        portPath,
        enabled: true,
      }));
      answer(200, { ...ENROLLED, nests: named });
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
});
afterEach(async () => {
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
  await rm(dataDir, { recursive: true });
});

/** One life of the agent, with `units` attached. `portAt` as the kernel would say it. */
async function life(
  units: readonly AttachedUnit[],
  options: { setup?: StationSetup; portAt?: (place: PortPlace) => string | undefined } = {},
) {
  const { portAt } = options;
  const teacher = await openTeacher(dataDir, portAt === undefined ? {} : { portAt }, log);
  const board = createBoard(() => 10_000);
  let setup = options.setup ?? ENROLLED;
  const apply = (): void => board.applySetup(teacher.applied(setup));
  apply();
  const { port } = server.address() as AddressInfo;
  const link = serverLink({ baseUrl: `http://127.0.0.1:${port}` });
  const place = (): TeachingPlace => ({
    link,
    setup,
    nests: board.nests(),
    take(now) {
      setup = now;
      apply();
      return Promise.resolve();
    },
  });
  const see = (attached: readonly AttachedUnit[]): boolean => {
    const renamed = teacher.onUnits(attached);
    if (renamed) apply();
    board.onUnits(attached);
    return renamed;
  };
  see(units);
  return {
    teacher,
    board,
    see,
    get setup() {
      return setup;
    },
    change: (change: NestChange) => teacher.change(change, place()),
    reconcile: () => teacher.reconcile(place(), AbortSignal.timeout(5000)),
    nests: () => board.nests().map(({ name, portPath, state }) => `${name} ${portPath} ${state}`),
  };
}
const teach = (name: string, portPath: string, moves = false): NestChange => ({
  change: "teach",
  name,
  portPath,
  moves,
});
const refused = (code: string) => expect.objectContaining({ code });

describe("teaching nests", () => {
  it("teaches nothing before the server has said which nests there are: it would take them away", async () => {
    const teacher = await openTeacher(dataDir, {}, log);
    teacher.onUnits([at("3-1.2")]);
    expect(teacher.view.ports).toEqual([]);
    const { port } = server.address() as AddressInfo;
    const link = serverLink({ baseUrl: `http://127.0.0.1:${port}` });
    const place = { link, setup: undefined, nests: [], take: () => Promise.resolve() };
    await expect(teacher.change(teach("2", "3-1.2"), place)).rejects.toEqual(
      refused("agent.offline"),
    );
    expect(told).toEqual([]);
  });

  it("binds a unit's port to a name, here and at the server, and it waits for its scan at once", async () => {
    const station = await life([at("3-1.1"), at("3-1.2")]);
    expect(station.teacher.view.ports).toEqual([{ portPath: "3-1.2", controller: "0000:00:14.0" }]);
    await station.change(teach("2", "3-1.2"));
    expect(station.nests()).toEqual(["1 3-1.1 present", "2 3-1.2 present"]);
    expect(station.teacher.view).toEqual({ ports: [], bound: ["2"] });
    expect(told).toEqual([
      [
        { name: "1", portPath: "3-1.1" },
        { name: "2", portPath: "3-1.2" },
      ],
    ]);
    expect(JSON.parse(await readFile(join(dataDir, "nests.json"), "utf8")).nests[1]).toEqual({
      name: "2",
      portPath: "3-1.2",
      place: { controller: "0000:00:14.0", ports: "1.2" },
    });
  });

  it("finds its nests when the buses were counted anew, and tells the server", async () => {
    const before = await life([at("3-1.1"), at("3-1.2")]);
    await before.change(teach("2", "3-1.2"));
    const { setup } = before;
    // As a kernel says it, before any unit is there.
    const kernel = await life([], { setup, portAt: ({ ports }) => `1-${ports}` });
    expect(kernel.nests()).toEqual(["1 3-1.1 empty", "2 1-1.2 empty"]);
    await kernel.reconcile();
    expect(told.at(-1)).toContainEqual({ name: "2", portPath: "1-1.2" });
    await kernel.reconcile();
    expect(told).toHaveLength(2);
    // As units alone say it: another port has the name that this one had.
    const usbip = await life([], { setup });
    expect(usbip.see([at("1-1.2", "0000:05:00.0")])).toBe(true);
    expect(usbip.nests()).toEqual(["1 3-1.1 empty", "2 0000:00:14.0-1.2 empty"]);
    expect(usbip.see([at("7-1.2"), at("1-1.2", "0000:05:00.0")])).toBe(true);
    expect(usbip.nests()).toEqual(["1 3-1.1 empty", "2 7-1.2 present"]);
  });

  it("takes no other port for a nest whose controller is gone", async () => {
    const before = await life([at("3-1.1"), at("3-1.2")]);
    await before.change(teach("2", "3-1.2"));
    const units = [at("3-1.2", "0000:05:00.0")];
    const after = await life(units, { setup: before.setup, portAt: () => undefined });
    expect(after.nests()).toEqual(["1 3-1.1 empty", "2 0000:00:14.0-1.2 empty"]);
    expect(after.teacher.view.ports).toHaveLength(1);
  });

  it("renames and moves a nest, and the server hears which one it was", async () => {
    const station = await life([at("3-1.2")]);
    await station.change({ change: "rename", name: "1", to: "left" });
    expect(told.at(-1)).toEqual([{ name: "left", portPath: "3-1.1", was: "1" }]);
    await expect(station.change(teach("left", "3-1.2"))).rejects.toEqual(
      refused("nest.name_taken"),
    );
    await station.change(teach("left", "3-1.2", true));
    expect(station.nests()).toEqual(["left 3-1.2 present"]);
    await station.change({ change: "remove", name: "left" });
    expect([station.nests(), told.at(-1)]).toEqual([[], []]);
  });

  it("binds a nest that was enrolled by its port path, when it is taught at its own port", async () => {
    const station = await life([at("3-1.1")]);
    expect(station.teacher.view).toEqual({ ports: [], bound: [] });
    await station.change(teach("1", "3-1.1", true));
    expect([station.teacher.view.bound, station.nests()]).toEqual([["1"], ["1 3-1.1 present"]]);
  });

  it("leaves a nest alone that has a unit in work, shows a FAIL, or is out of use", async () => {
    const station = await life([at("3-1.1")]);
    const { board } = station;
    const remove: NestChange = { change: "remove", name: "1" };
    board.dispatch("1", { event: "scanned", serial: "SN1" });
    board.dispatch("1", { event: "allowed", serial: "SN1" });
    board.dispatch("1", { event: "ordered", jobId: "j" });
    board.dispatch("1", { event: "leased", jobId: "j" });
    await expect(station.change(remove)).rejects.toEqual(refused("nest.in_work"));
    const verdict = {
      kind: "fail",
      refusal: { code: "link.lost", action: null, detail: "" },
    } as const;
    const end = { vanished: false, usbSerial: "A", durationMs: 1, verdict };
    board.dispatch("1", { event: "finished", jobId: "j", ...end });
    await expect(station.change({ change: "rename", name: "1", to: "2" })).rejects.toEqual(
      refused("nest.in_work"),
    );
    board.dispatch("1", { event: "acknowledged" });
    board.dispatch("1", { event: "enabled", enabled: false });
    await expect(station.change(remove)).rejects.toEqual(refused("nest.held"));
    expect(told).toEqual([]);
  });

  it("refuses a port without a unit, a name of the same barcode, and a seventeenth nest", async () => {
    const units = Array.from({ length: 17 }, (_, index) => at(`3-${index + 1}`));
    const station = await life(units);
    await station.change({ change: "rename", name: "1", to: "a" });
    await expect(station.change(teach("A", "3-1"))).rejects.toEqual(refused("nest.name_taken"));
    await expect(station.change(teach("2", "3-99"))).rejects.toEqual(refused("nest.port_empty"));
    for (let nest = 2; nest <= 16; nest += 1) await station.change(teach(`${nest}`, `3-${nest}`));
    await expect(station.change(teach("17", "3-17"))).rejects.toEqual(refused("nest.too_many"));
    expect(station.board.nests()).toHaveLength(16);
  });

  it("changes nothing when the server refuses", async () => {
    const station = await life([at("3-1.1"), at("3-1.2")]);
    refuses = "nest.held";
    await expect(station.change(teach("2", "3-1.2"))).rejects.toMatchObject({
      refusal: { code: "nest.held" },
    });
    expect(station.nests()).toEqual(["1 3-1.1 present"]);
    await expect(readFile(join(dataDir, "nests.json"))).rejects.toMatchObject({ code: "ENOENT" });
  });
});
