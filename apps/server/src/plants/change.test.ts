import { afterAll, beforeAll, expect, test } from "vitest";
import { eventsOf } from "../testing/events.ts";
import { refusal } from "../testing/refusal.ts";
import { startTestServer, type TestClient, type TestServer } from "../testing/server.ts";

let server: TestServer;
let engineer: TestClient;
beforeAll(async () => {
  server = await startTestServer({ idle: true });
  engineer = await server.person("engineer");
  await engineer("addPlant", { body: { name: "Linz", timeZone: "Europe/Vienna" } });
});
afterAll(() => server.close());

const LATE = { name: "late", start: "14:00", end: "22:00" };
const change = (body: object, id = "Linz") =>
  engineer("changePlant", { params: { id }, body: { reason: "it moved", ...body } });

test("a plant gets another clock, by its name or its id; what is left out stays", async () => {
  const { body } = await change({ timeZone: "Asia/Kuala_Lumpur" });
  expect(body).toMatchObject({ timeZone: "Asia/Kuala_Lumpur", shifts: [] });
  expect((await change({ shifts: [LATE] }, body.id)).body).toMatchObject({
    timeZone: "Asia/Kuala_Lumpur",
    shifts: [LATE],
  });
  const { sql } = server.platform.db;
  expect((await eventsOf(sql, "plant.changed")).at(-1)).toMatchObject({
    before: { shifts: [] },
    after: { shifts: [LATE] },
    reason: "it moved",
  });
  await change({ shifts: [LATE] });
  expect(await eventsOf(sql, "plant.changed")).toHaveLength(2);
});

test("a zone that nobody knows and a plant that is not there are refused", async () => {
  expect(await refusal(change({ timeZone: "Europe/Vienn" }))).toBe("400 request.invalid");
  expect(await refusal(change({ shifts: [] }, "Wels"))).toBe("404 request.not_found");
});

test("the same plant from several at once is one plant, and an error for none of them", async () => {
  const body = { name: "Wels", timeZone: "Europe/Vienna" };
  const answers = await Promise.all(
    Array.from({ length: 6 }, () => engineer("addPlant", { body })),
  );
  expect(new Set(answers.map((answer) => answer.body.id)).size).toBe(1);
});
