import { describeStationUpdate, type UpdateProgress } from "@flashline/contract";
import { generateKeyPair, signMinisig } from "@flashline/signing";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { evaluator } from "../alarms/evaluate.ts";
import { SOURCES } from "../alarms/sources.ts";
import { newId } from "../ids.ts";
import { BY, eventsOf } from "../testing/events.ts";
import { eventually, refusal } from "../testing/refusal.ts";
import { type SeededStation, seedStation } from "../testing/seed.ts";
import { startTestServer, type TestClient, type TestServer } from "../testing/server.ts";
import {
  archiveOf,
  FACTS,
  publishedUpdate,
  signedUpdate,
  tellUpdates,
} from "../testing/updates.ts";
import { pushesRepository } from "./pushes.repository.ts";
import { updateStationsRepository } from "./stations.repository.ts";
import { updatesRepository } from "./updates.repository.ts";

let server: TestServer;
let engineer: TestClient;
beforeAll(async () => {
  server = await startTestServer();
  engineer = await server.person("engineer");
});
afterAll(() => server.close());

let lines = 0;
/** A line with stations that run 1.0.0 and can take updates. */
async function newLine(stations: number) {
  lines += 1;
  const name = `U${lines}`;
  const { body } = await engineer("addLine", { body: { name, plant: "Graz" } });
  const all: SeededStation[] = [];
  for (let k = 1; k <= stations; k += 1) {
    const station = await seedStation(server.platform, body.id, `${name}-${k}`, 1, null);
    await tellUpdates(server, station, "1.0.0");
    all.push(station);
  }
  return { name, stations: all };
}

const wanted = async (station: SeededStation) =>
  (await server.station(station)("setup", {})).body.update ?? null;
const names = async (stations: readonly SeededStation[]) => {
  const told = await Promise.all(
    stations.map(async (one) => ((await wanted(one)) ? one.name : "")),
  );
  return told.filter((name) => name !== "");
};
const step = (id: string, change: Partial<UpdateProgress>): UpdateProgress => ({
  id,
  step: "fetching",
  percent: 0,
  nest: null,
  code: null,
  detail: "",
  runs: "1.0.0",
  ...change,
});
async function done(station: SeededStation, version: string) {
  const { id } = (await wanted(station)) ?? { id: newId() };
  await tellUpdates(server, station, version, step(id, { step: "done", runs: version }));
}
async function fails(station: SeededStation, code = "update.did_not_start") {
  const { id } = (await wanted(station)) ?? { id: newId() };
  await tellUpdates(server, station, "1.0.0", step(id, { step: "failed", code }));
}
const push = (body: {
  lines?: string[];
  stations?: string[];
  version?: string;
  downgrade?: string;
}) => engineer("pushUpdate", { body: { version: "1.1.0", reason: "mends the log", ...body } });
const pushNow = async (id: string) =>
  (await engineer("pushes", {})).body.find((one) => one.id === id);

describe("an update", () => {
  it("is published once its archive is there, by whom may, with a signature that fits", async () => {
    const signed = signedUpdate("1.1.0");
    expect(await refusal(engineer("addUpdate", { body: signed }))).toBe(
      "422 release.image_missing",
    );
    const lead = await server.person("operator-lead");
    expect(await refusal(lead("addUpdate", { body: signed }))).toBe("403 auth.forbidden");
    await engineer("uploadImage", { body: archiveOf("1.1.0") });
    const bytes = Buffer.from(signed.manifest, "base64");
    const other = generateKeyPair();
    const byOther = signMinisig(bytes, other.secretKey, { trustedComment: "x" });
    expect(await refusal(engineer("addUpdate", { body: { ...signed, signature: byOther } }))).toBe(
      "422 release.key_unknown",
    );
    const torn = { ...signed, manifest: Buffer.from(`${bytes} `).toString("base64") };
    expect(await refusal(engineer("addUpdate", { body: torn }))).toBe(
      "422 release.signature_invalid",
    );
    expect(await refusal(engineer("addUpdate", { body: { ...signed, publicKey: "x" } }))).toBe(
      "400 request.invalid",
    );
    expect((await engineer("addUpdate", { body: signed })).status).toBe(201);
    expect((await engineer("addUpdate", { body: signed })).status).toBe(200);
    const another = signedUpdate("1.1.0", { builtAt: "2026-11-30T12:00:00Z" });
    expect(await refusal(engineer("addUpdate", { body: another }))).toBe("409 update.version_used");
  });

  it("comes to a station in parts, and to nobody once it is withdrawn", async () => {
    const update = await publishedUpdate(engineer, "9.9.9");
    const ask = async (offset: number) => {
      const answer = await server.app.inject({
        url: `/v1/agent/updates/${update.sha256}?offset=${offset}`,
        headers: {
          authorization: `Bearer ${server.seed.station.credential}`,
          "flashline-protocol": "1",
        },
      });
      return `${answer.statusCode} ${answer.body}`;
    };
    expect(await ask(0)).toBe("200 archive of 9.9.9");
    expect(await ask(11)).toBe("200 9.9.9");
    expect(await ask(16)).toBe("200 ");
    const { name, stations } = await newLine(1);
    const { body } = await push({ lines: [name], version: "9.9.9" });
    const params = { id: update.id };
    await engineer("withdrawUpdate", { params, body: { reason: "wrong build" } });
    expect(await ask(0)).toContain("404");
    expect(await names(stations)).toEqual([]);
    expect((await pushNow(body.id))?.state).toBe("done");
    expect(
      await refusal(engineer("withdrawUpdate", { params, body: { reason: "wrong build" } })),
    ).toBe("409 update.withdrawn");
    expect(await refusal(push({ lines: [name], version: "9.9.9" }))).toBe("404 request.not_found");
  });
});

describe("a push", () => {
  it("that was planned before its update was withdrawn tells nobody", async () => {
    const { name, stations } = await newLine(1);
    const update = await publishedUpdate(engineer, "9.9.8");
    const { db } = server.platform;
    const [offered] = await updatesRepository(db).offered("9.9.8");
    const [candidate] = await updateStationsRepository(db).candidates([name], [], null);
    if (offered === undefined || candidate === undefined) throw new Error("nothing to plan");
    const params = { id: update.id };
    await engineer("withdrawUpdate", { params, body: { reason: "wrong build" } });
    const placed = [{ ...candidate, wave: 1, obstacle: null, update: offered }];
    const add = pushesRepository(db).add(
      { version: "9.9.8", downgrade: false, reason: "new" },
      placed,
      BY,
    );
    await expect(add).rejects.toMatchObject({ code: "update.withdrawn" });
    expect(await names(stations)).toEqual([]);
  });

  it("previews who gets it and why not the others, and changes nothing", async () => {
    const { name, stations } = await newLine(7);
    const facts = [
      FACTS,
      { ...FACTS, launcher: null },
      { ...FACTS, keys: [] },
      { ...FACTS, keys: ["0123456789ABCDEF"] },
      { ...FACTS, platform: "linux-arm64" },
      { ...FACTS, node: "22.1.0" },
    ];
    for (const [k, fact] of facts.entries()) {
      const station = stations[k];
      if (station !== undefined) await tellUpdates(server, station, "1.0.0", null, fact);
    }
    await tellUpdates(server, stations[6] as SeededStation, "1.2.0");
    const never = await seedStation(server.platform, server.seed.lineId, `${name}-never`, 1, null);
    const query = { version: "1.1.0", lines: name, stations: never.name };
    const { body } = await engineer("previewPush", { query });
    expect(body.stations.map(({ wave, obstacle }) => obstacle ?? wave)).toEqual([
      "unknown",
      ...[1, "not-packaged", "no-key", "other-key", "platform", "node", "newer"],
    ]);
    expect(await names([...stations, never])).toEqual([]);
    expect(await refusal(push({ stations: [never.name] }))).toBe("409 update.none_takes");
    expect(await refusal(push({}))).toBe("400 request.invalid");
    expect(await refusal(push({ lines: ["none"] }))).toBe("404 request.not_found");
    expect(await refusal(push({ stations: ["none"] }))).toBe("404 request.not_found");
    expect(await refusal(push({ lines: [name], downgrade: "1.0.0" }))).toBe("400 request.invalid");
  });

  it("tells one station, then the others of its line, then the next line", async () => {
    const [a, b] = [await newLine(3), await newLine(2)];
    const { body } = await push({ lines: [a.name, b.name] });
    const all = [...a.stations, ...b.stations];
    const first = await names(all);
    expect(first).toHaveLength(1);
    const [station] = all.filter(({ name }) => name === first[0]);
    const own = first[0]?.startsWith(a.name) ? a : b;
    const other = own === a ? b : a;
    // Before it has switched nobody else is told, whatever it says.
    await tellUpdates(
      server,
      station as SeededStation,
      "1.0.0",
      step((await wanted(station as SeededStation))?.id ?? "", { step: "waiting", nest: "A" }),
    );
    expect(await names(all)).toEqual(first);
    expect((await pushNow(body.id))?.stations[0]?.update).toMatchObject({
      state: "told",
      step: "waiting",
      nest: "A",
    });
    await done(station as SeededStation, "1.1.0");
    const rest = own.stations.filter((one) => one !== station);
    expect(await names(all)).toEqual(rest.map(({ name }) => name));
    for (const one of rest) await done(one, "1.1.0");
    expect(await names(all)).toEqual(other.stations.map(({ name }) => name));
    for (const one of other.stations) await done(one, "1.1.0");
    expect((await pushNow(body.id))?.state).toBe("done");
    const kinds = (await eventsOf(server.platform.db.sql))
      .filter(({ data }) => JSON.stringify(data).includes(body.id))
      .map(({ kind }) => kind);
    expect(kinds).toEqual(Array.from({ length: 5 }, () => "station.updated"));
    const { body: versions } = await engineer("stationVersions", {});
    const seen = versions.filter(({ line }) => line === a.name);
    expect(seen.map(({ version, newest, update }) => [version, newest, update?.state])).toEqual(
      a.stations.map(() => ["1.1.0", null, "done"]),
    );
  });

  it("stops when one fails, tells nobody more, raises an alarm, and goes on when somebody says so", async () => {
    const { name, stations } = await newLine(3);
    const { body } = await push({ lines: [name] });
    const [first] = stations.filter(({ name: of }) => body.stations[0]?.station === of);
    if (first === undefined) throw new RangeError("nobody is first");
    await fails(first);
    expect(await names(stations)).toEqual([]);
    expect(await pushNow(body.id)).toMatchObject({
      state: "stopped",
      stateReason: `It failed at ${first.name}.`,
    });
    const { look } = evaluator(server.platform.db, SOURCES);
    const alarms = await eventually(
      async () => {
        // The server looks by itself too, and only one at a time.
        await look();
        return (await engineer("alarms", { query: { rule: "update.failed" } })).body;
      },
      (found) => found.length > 0,
    );
    expect(alarms.map(({ subject, message }) => [subject.name, message])).toEqual([
      [first.name, expect.stringContaining(`${first.name} did not take 1.1.0 and runs 1.0.0`)],
    ]);
    const params = { id: body.id };
    await engineer("resumePush", { params, body: { reason: "its disk was full" } });
    // A first one is wanted again.
    expect(await names(stations)).toHaveLength(1);
    expect(await names([first])).toEqual([]);
    await engineer("endPush", { params, body: { reason: "later" } });
    expect(await names(stations)).toEqual([]);
    expect(await refusal(engineer("resumePush", { params, body: { reason: "after all" } }))).toBe(
      "409 request.conflict",
    );
  });

  it("waits while it is paused, and a station that is away holds up nobody but at the beginning", async () => {
    const { name, stations } = await newLine(3);
    const { body } = await push({ lines: [name] });
    const params = { id: body.id };
    await engineer("pausePush", { params, body: { reason: "not in this shift" } });
    expect(await names(stations)).toEqual([]);
    await engineer("resumePush", { params, body: { reason: "now" } });
    const [told = ""] = await names(stations);
    const first = stations.find((one) => one.name === told) as SeededStation;
    const [away, near] = stations.filter((one) => one !== first) as [SeededStation, SeededStation];
    await server.platform.db.sql.execute(
      "UPDATE station SET last_seen_at = now() - interval '1 hour' WHERE id = $1",
      [away.id],
    );
    await done(first, "1.1.0");
    await done(near, "1.1.0");
    expect((await pushNow(body.id))?.state).toBe("running");
    expect(await names(stations)).toEqual([away.name]);
    // It is back.
    await done(away, "1.1.0");
    expect((await pushNow(body.id))?.state).toBe("done");
  });

  it("that comes later takes the stations of an earlier one along; going back is asked for by name", async () => {
    await publishedUpdate(engineer, "1.2.0");
    const { name, stations } = await newLine(2);
    const { body: early } = await push({ lines: [name] });
    await push({ lines: [name], version: "1.2.0" });
    expect((await pushNow(early.id))?.stations.map(({ update }) => update.state)).toEqual([
      "ended",
      "ended",
    ]);
    expect((await pushNow(early.id))?.state).toBe("done");
    const first = stations.find(({ name: of }) => of === `${name}-1`) as SeededStation;
    await done(first, "1.2.0");
    await done(stations[1] as SeededStation, "1.2.0");
    expect(await refusal(push({ lines: [name] }))).toBe("409 update.none_takes");
    await push({ lines: [name], downgrade: "1.1.0" });
    const [told] = await names(stations);
    const wish = await wanted(stations.find((one) => one.name === told) as SeededStation);
    expect(wish?.downgrade).toBe("1.1.0");
  });

  it("tells its station by the setup's version too, so that a lost message is made good", async () => {
    const { name, stations } = await newLine(1);
    const [station] = stations as [SeededStation];
    const version = async (hardware: string) => {
      const body = { queuedResults: 0, nests: [], hardware: [hardware] };
      return (await server.station(station)("status", { body })).body.setupVersion;
    };
    const before = await version("0".repeat(16));
    await push({ lines: [name] });
    expect(await version("1".repeat(16))).not.toBe(before);
  });

  it("leaves out who ran a newer version, where the signature does not allow going back from that", async () => {
    const { name, stations } = await newLine(4);
    for (const [k, newest] of ["1.2.0", "1.3.0", "1.3.1", null].entries()) {
      const station = stations[k] as SeededStation;
      await tellUpdates(server, station, "1.2.0", null, { ...FACTS, newest });
    }
    const obstacles = async (version: string) => {
      const query = { version, lines: name, downgrade: version };
      const { body } = await engineer("previewPush", { query });
      return body.stations.map(({ obstacle }) => obstacle);
    };
    // An older agent does not tell, and looks only at what is asked for.
    expect(await obstacles("1.1.0")).toEqual(["rollback", "rollback", "rollback", null]);
    const update = await publishedUpdate(engineer, "1.1.5", { downgradeFrom: "1.3.0" });
    expect(update.downgradeFrom).toBe("1.3.0");
    expect(await obstacles("1.1.5")).toEqual([null, null, "rollback", null]);
    const events = await eventsOf(server.platform.db.sql);
    expect(
      events.filter(({ kind }) => kind === "update.published").map(({ data }) => data),
    ).toContainEqual(expect.objectContaining({ version: "1.1.5", downgradeFrom: "1.3.0" }));
    // Who is refused all the same says why, in words.
    const [station] = stations as [SeededStation];
    await push({ stations: [station.name], version: "1.1.5", downgrade: "1.1.5" });
    await fails(station, "update.rollback");
    const { body: versions } = await engineer("stationVersions", {});
    const told = versions.find((one) => one.station === station.name);
    expect(told?.update && describeStationUpdate(told.update, true)).toBe(
      "1.1.5 was refused: The update is older than the newest version that ever ran on the PC, and who signed it does not allow going back from that one. It runs 1.0.0.",
    );
  });
});
