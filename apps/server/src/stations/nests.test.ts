import { afterAll, beforeAll, expect, test } from "vitest";
import { lineOf } from "../jobs/testing.ts";
import { eventsOf } from "../testing/events.ts";
import { refusal } from "../testing/refusal.ts";
import { startTestServer, type TestClient, type TestServer } from "../testing/server.ts";

let server: TestServer;
let engineer: TestClient;
beforeAll(async () => {
  server = await startTestServer();
  engineer = await server.person("engineer");
});
afterAll(() => server.close());

/** A new station with nests A at 1-1 and B at 1-2, and how its agent teaches. */
async function taughtStation(name: string) {
  const line = lineOf(server, await server.addStation(name, 2));
  return {
    line,
    teach: (...nests: { name: string; portPath: string; was?: string }[]) =>
      line.call("setNests", { body: { nests } }),
    nests: async () =>
      (await line.call("setup", {})).body.nests.map(({ name: nest, portPath }) =>
        [nest, portPath].join("="),
      ),
    /** The attempts of the station by the name that their nest has now. */
    attempts: async () =>
      (await engineer("attempts", { query: { station: name } })).body.map(
        ({ serial, nest }) => `${serial} ${nest}`,
      ),
  };
}

test("nests are added, moved and removed without an enrollment; the same again is no event", async () => {
  const { teach, nests } = await taughtStation("L3-40");
  const three = [
    { name: "A", portPath: "1-2" },
    { name: "B", portPath: "1-1" },
    { name: "C", portPath: "3-1.4" },
  ];
  expect((await teach(...three)).body.nests.map(({ name }) => name)).toEqual(["A", "B", "C"]);
  await teach(...three);
  expect(await nests()).toEqual(["A=1-2", "B=1-1", "C=3-1.4"]);
  await teach({ name: "C", portPath: "1-1" });
  expect(await nests()).toEqual(["C=1-1"]);
  const events = await eventsOf(server.platform.db.sql, "station.nests-taught");
  expect(events.map(({ who, subjectName }) => [who, subjectName])).toEqual([
    ["station L3-40", "L3-40"],
    ["station L3-40", "L3-40"],
  ]);
  expect(events[1]).toMatchObject({ before: { nests: three }, data: { nests: [{ name: "C" }] } });
});

test("a renamed nest takes its attempts along; a removed one keeps them, and has them again when it comes back", async () => {
  const { line, teach, nests, attempts } = await taughtStation("L3-41");
  await line.flash("SN4101", {}, "A");
  await line.flash("SN4102", {}, "B");
  await teach({ name: "left", portPath: "1-1", was: "A" }, { name: "B", portPath: "1-2" });
  expect((await attempts()).sort()).toEqual(["SN4101 left", "SN4102 B"]);
  await teach({ name: "left", portPath: "1-1" });
  expect(await nests()).toEqual(["left=1-1"]);
  expect((await attempts()).sort()).toEqual(["SN4101 left", "SN4102 B"]);
  // The name of a nest that has attempts: they stay apart from those of the nest that takes it.
  await teach({ name: "B", portPath: "1-1", was: "left" });
  expect(await nests()).toEqual(["B=1-1"]);
  expect((await attempts()).sort()).toEqual(["SN4101 left", "SN4102 B"]);
});

test("a nest that is out of use is not removed, and keeps its hold under another name", async () => {
  const { teach, nests } = await taughtStation("L3-42");
  const target = { kind: "nest", station: "L3-42", nest: "B" } as const;
  await engineer("setHold", { body: { target, reason: "bent pin" } });
  expect(await refusal(teach({ name: "A", portPath: "1-1" }))).toBe("409 nest.held");
  expect(await nests()).toEqual(["A=1-1", "B=1-2"]);
  const renamed = await teach(
    { name: "A", portPath: "1-1" },
    { name: "C", portPath: "1-2", was: "B" },
  );
  expect(renamed.body.nests.map(({ name, enabled }) => [name, enabled])).toEqual([
    ["A", true],
    ["C", false],
  ]);
});

test("two nests at one port or of one name are refused", async () => {
  const { teach, nests } = await taughtStation("L3-43");
  const at = (name: string, portPath: string) => ({ name, portPath });
  expect(await refusal(teach(at("A", "1-1"), at("B", "1-1")))).toBe("400 request.invalid");
  expect(await refusal(teach(at("A", "1-1"), at("A", "1-2")))).toBe("400 request.invalid");
  expect(await nests()).toEqual(["A=1-1", "B=1-2"]);
});
