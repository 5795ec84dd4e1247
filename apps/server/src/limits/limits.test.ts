import { afterAll, beforeAll, expect, test } from "vitest";
import { peopleOn } from "../people/feature.ts";
import { BY, eventsOf } from "../testing/events.ts";
import { startTestServer, type TestServer } from "../testing/server.ts";

let server: TestServer;
let replica: TestServer;
beforeAll(async () => {
  server = await startTestServer({ idle: true });
  replica = await startTestServer({ replicaOf: server, idle: true });
  await peopleOn(server.platform.db).save("anna", "engineer", "correct horse battery", BY);
});
afterAll(async () => {
  await replica.close();
  await server.close();
});

async function statuses(
  n: number,
  ask: (i: number) => { on?: TestServer; url: string; from: string; body: object; bearer?: string },
): Promise<number[]> {
  const seen: number[] = [];
  for (let i = 0; i < n; i += 1) {
    const { on = server, url, from, body, bearer } = ask(i);
    const answer = await on.app.inject({
      method: "POST",
      url,
      remoteAddress: from,
      payload: body,
      ...(bearer === undefined ? {} : { headers: { authorization: `Bearer ${bearer}` } }),
    });
    seen.push(answer.statusCode);
  }
  return seen;
}

test("a made-up Authorization header is no other caller at the log-in, nor is another replica", async () => {
  const seen = await statuses(12, (i) => ({
    on: i % 2 === 0 ? server : replica,
    url: "/v1/session",
    from: "192.0.2.1",
    bearer: `flt_${i}`,
    body: { name: `person ${i}`, password: "x" },
  }));
  expect(seen).toEqual([...Array(10).fill(401), 429, 429]);
});

test("one account is not guessed, and who guesses does not keep its owner out of where she works", async () => {
  const home = "203.0.113.77";
  const logIn = (n: number, password: string, from: (i: number) => string) =>
    statuses(n, (i) => ({
      url: "/v1/session",
      from: from(i),
      body: { name: "anna", password },
    }));
  const right = (from: string) => logIn(1, "correct horse battery", () => from);
  const wrongAtHome = (n: number) => logIn(n, "wrong", () => home);
  const aMinuteLater = () =>
    server.platform.db.sql.execute("DELETE FROM tries WHERE key = $1", [`login address ${home}`]);

  expect(await right(home)).toEqual([200]);
  expect(await wrongAtHome(8)).toEqual(Array(8).fill(401));
  expect(await right(home)).toEqual([200]);
  await aMinuteLater();
  // The first log-in at home counts too: nobody knew the address before it.
  expect(await logIn(50, "wrong", (i) => `198.51.100.${i + 1}`)).toEqual([
    ...Array(49).fill(401),
    429,
  ]);
  expect(await right("192.0.2.200")).toEqual([429]);
  expect(await right(home)).toEqual([200]);
  expect(await wrongAtHome(9)).toEqual(Array(9).fill(401));
  await aMinuteLater();
  expect(await wrongAtHome(2)).toEqual([401, 429]);
  const events = await eventsOf(server.platform.db.sql, "person.log-in-failed");
  const failed = events.filter(({ subjectName }) => subjectName === "anna");
  expect(failed).toHaveLength(67);
  expect(failed).toContainEqual(
    expect.objectContaining({ address: "198.51.100.1", who: "nobody" }),
  );
});

test("enrollment is limited by address, whatever header comes with it", async () => {
  const seen = await statuses(31, (i) => ({
    url: "/v1/agent/enrol",
    from: "192.0.2.9",
    bearer: `fls_${i}`,
    body: { token: `fle_${i}`, machine: "pc", hostname: "pc", nests: [] },
  }));
  expect(seen).toEqual([...Array(30).fill(401), 429]);
});

test("a caller has its share of requests on all replicas together, and takes nobody else's", async () => {
  const limited = await startTestServer({ replicaOf: server, idle: true, requestsPerMinute: 60 });
  const second = await startTestServer({ replicaOf: server, idle: true, requestsPerMinute: 60 });
  const station = await server.addStation("L3-61", 1);
  const neighbour = await server.addStation("L3-62", 1);
  const ask = async (on: TestServer, credential: string) =>
    (
      await on.app.inject({
        url: "/v1/agent/setup",
        headers: { authorization: `Bearer ${credential}` },
      })
    ).statusCode;
  for (let i = 0; i < 40; i += 1) expect(await ask(limited, station.credential)).toBe(200);
  // What one replica tells the others is on its way for a moment.
  await expect
    .poll(async () => await ask(second, station.credential), { timeout: 5_000, interval: 20 })
    .toBe(429);
  expect(await ask(second, neighbour.credential)).toBe(200);
  expect(await ask(second, `${station.credential} again`)).toBe(401);
  const refused = await second.app.inject({
    url: "/v1/agent/setup",
    headers: { authorization: `Bearer ${station.credential}` },
  });
  expect(Number(refused.headers["retry-after"])).toBeGreaterThan(0);
  await limited.close();
  await second.close();
});
