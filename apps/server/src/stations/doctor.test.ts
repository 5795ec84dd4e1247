import { afterAll, beforeAll, expect, test } from "vitest";
import { refusal } from "../testing/refusal.ts";
import { startTestServer, type TestServer } from "../testing/server.ts";

let server: TestServer;
beforeAll(async () => {
  server = await startTestServer({ idle: true });
});
afterAll(() => server.close());

const finding = (name: string, level: string) => ({ name, level, sentence: `Of ${name}.` });

test("what a station's doctor found last is told, in numbers with all stations and whole by name or id", async () => {
  const reader = await server.token("read");
  const { name } = server.seed.station;
  const doctorOf = async (id: string) => (await reader("stationDoctor", { params: { id } })).body;
  const numbers = async () =>
    (await reader("stations", {})).body.find((station) => station.name === name)?.doctor;
  expect(await numbers()).toBeNull();
  expect(await refusal(doctorOf(name))).toBe("404 request.not_found");
  expect(await refusal(doctorOf("nobody"))).toBe("404 request.not_found");
  const report = (...findings: ReturnType<typeof finding>[]) =>
    server.station()("reportDoctor", { body: { at: "2026-11-29T10:00:00.000Z", findings } });
  await report(finding("keys", "fail"));
  await report(finding("clock", "warn"), finding("hub", "ok"), finding("case", "of a newer agent"));
  expect(await numbers()).toEqual({ failed: 0, warned: 2 });
  const { id } = server.seed.station;
  expect(await doctorOf(id)).toEqual(await doctorOf(name));
  expect(await doctorOf(name)).toMatchObject({
    station: name,
    at: "2026-11-29T10:00:00.000Z",
    findings: [{ name: "clock" }, { name: "hub", sentence: "Of hub." }, { name: "case" }],
  });
});
