import { afterAll, beforeAll, expect, test } from "vitest";
import { lineOf, resultOf } from "../jobs/testing.ts";
import { lockOrders } from "../orders/change.repository.ts";
import { eventsOf } from "../testing/events.ts";
import { type Publishing, startPublishing } from "../testing/publishing.ts";
import { refusal } from "../testing/refusal.ts";
import { type SeededStation, seedStation } from "../testing/seed.ts";
import type { TestClient, TestServer } from "../testing/server.ts";
import { untilWaiting } from "../testing/waiting.ts";

let on: Publishing;
let server: TestServer;
let engineer: TestClient;
beforeAll(async () => {
  on = await startPublishing();
  server = on.server;
  engineer = await server.person("engineer");
});
afterAll(() => server.close());

let names = 0;
const next = (prefix: string): string => {
  names += 1;
  return `${prefix}${names}`;
};
const nextSerial = (): string => `SN${800_000 + Number(next(""))}`;
const newStation = (): Promise<SeededStation> =>
  seedStation(server.platform, server.seed.lineId, next("C-"), 2, null);
const newChannel = async (): Promise<{ id: string; name: string }> =>
  (
    await engineer("addChannel", {
      body: { product: "PSU-40", name: next("c"), reason: "a trial" },
    })
  ).body;
async function draft(): Promise<{ id: string; version: string }> {
  const { body } = await on.publish();
  await on.checked(body.id);
  return body;
}
async function released(): Promise<{ id: string; version: string }> {
  const made = await draft();
  await on.ci("promote", { params: { id: made.id } });
  return made;
}
const move = (channel: { id: string }, version: string, by: TestClient = engineer) =>
  by("moveChannel", { params: { id: channel.id }, body: { version, reason: "proven" } });
/** An order that follows the channel, at a station of its own. */
async function follower(channel: string) {
  const at = await newStation();
  const number = next("CO-");
  const { body } = await engineer("addWorkOrder", {
    body: { number, product: "PSU-40", channel, quantity: 5, stations: [at.name] },
  });
  return { at, order: body };
}
const orderNow = async (id: string) => (await engineer("workOrder", { params: { id } })).body;
async function versionAt(station: SeededStation): Promise<string> {
  const { body } = await server.station(station)("preflight", {
    body: { serial: nextSerial(), nest: "B" },
  });
  return body.go ? body.version : body.code;
}
const channelNow = async (id: string) =>
  (await engineer("channels", {})).body.find((channel) => channel.id === id);

test("a channel is moved in one act: its orders' next units get the release, units in work keep theirs", async () => {
  const channel = await newChannel();
  expect((await newChannel()).id).not.toBe(channel.id);
  const again = { product: "PSU-40", name: channel.name, reason: "once more" };
  expect((await engineer("addChannel", { body: again })).status).toBe(200);
  const early = { number: next("CO-"), product: "PSU-40", channel: channel.name, quantity: 1 };
  expect(await refusal(engineer("addWorkOrder", { body: early }))).toBe("409 channel.empty");
  const [one, two] = [await released(), await released()];
  expect((await move(channel, one.version)).body).toMatchObject({ version: one.version });
  const { at, order } = await follower(channel.name);
  expect(order).toMatchObject({ version: one.version, channel: channel.name });
  const line = lineOf(server, at);
  const running = await line.start(await line.lease(nextSerial()));

  const preview = await engineer("releaseDryRun", {
    params: { id: two.id },
    query: { channels: channel.name },
  });
  expect(preview.body).toMatchObject({
    channels: [{ name: channel.name, version: one.version }],
    promotion: { orders: 1, units: 4, inWork: 1, stations: [at.name] },
  });
  expect((await orderNow(order.id)).version).toBe(one.version);

  await move(channel, two.version);
  expect(await versionAt(at)).toBe(two.version);
  expect(running.job.version).toBe(one.version);
  await line.report(running, resultOf(running));
  const { body: attempt } = await engineer("attempt", { params: { id: running.attemptId } });
  expect(attempt).toMatchObject({ outcome: "PASS", version: one.version });

  const events = await eventsOf(server.platform.db.sql, "%");
  const told = events.filter(({ subjectId }) => subjectId === channel.id || subjectId === order.id);
  expect(told.map(({ kind }) => kind)).toEqual([
    ...["channel.added", "channel.moved", "order.added"],
    ...["channel.moved", "order.release-changed"],
  ]);
  expect(told.at(-2)).toMatchObject({
    operation: "moveChannel",
    reason: "proven",
    before: { version: one.version },
    after: { version: two.version },
    data: { orders: [order.number] },
  });
  const moves = (all: typeof events) => all.filter(({ operation }) => operation === "moveChannel");
  await move(channel, two.version);
  expect(moves(await eventsOf(server.platform.db.sql, "%"))).toEqual(moves(events));
});

test("a revoked release leaves its channels, and their orders stand still until another one is moved in", async () => {
  const channel = await newChannel();
  const [good, bad] = [await released(), await released()];
  await move(channel, bad.version);
  const { at, order } = await follower(channel.name);
  const radius = await engineer("releaseRadius", { params: { id: bad.id } });
  expect(radius.body.channels).toEqual([channel.name]);
  await engineer("revoke", { params: { id: bad.id }, body: { reason: "bricks" } });
  expect(await channelNow(channel.id)).toMatchObject({ version: null, orders: [order.number] });
  expect(await versionAt(at)).toBe("release.revoked");
  expect(await refusal(move(channel, bad.version))).toBe("409 release.revoked");
  const [emptied] = await eventsOf(server.platform.db.sql, "channel.emptied");
  expect(emptied).toMatchObject({ subjectId: channel.id, data: { orders: [order.number] } });
  await move(channel, good.version);
  expect(await versionAt(at)).toBe(good.version);
});

test("a promotion moves channels in its own transaction: all of it, or nothing", async () => {
  const [first, second] = [await newChannel(), await newChannel()];
  const before = await released();
  await move(first, before.version);
  await move(second, before.version);
  const { at } = await follower(first.name);
  const hand = next("CO-");
  const { body: byHand } = await engineer("addWorkOrder", {
    body: { number: hand, product: "PSU-40", version: before.version, quantity: 5 },
  });
  const canary = await draft();
  await engineer("startCanary", {
    params: { id: canary.id },
    body: { stations: [at.name], units: 2, reason: "first units" },
  });
  const promote = (channels: string, reason?: string) =>
    engineer("promote", {
      params: { id: canary.id },
      query: { channels, ...(reason === undefined ? {} : { reason }) },
    });
  expect(await refusal(promote(first.name))).toBe("400 request.invalid");
  expect(await refusal(promote(`${first.name},nobody`, "two units"))).toBe("400 request.invalid");
  expect((await engineer("release", { params: { id: canary.id } })).body.state).toBe("canary");
  const { body } = await promote(first.name, "two units are fine");
  expect(body).toMatchObject({ state: "released", channels: [first.name] });
  expect(await versionAt(at)).toBe(canary.version);
  expect((await channelNow(second.id))?.version).toBe(before.version);
  expect((await orderNow(byHand.id)).version).toBe(before.version);
  // A released one is moved into further channels by the same call.
  expect((await promote(second.name, "all of them")).body.channels).toEqual(
    [first.name, second.name].toSorted(),
  );
});

test("an order to which a person gives a release follows no channel, and a reopened one gets what is in it by now", async () => {
  const channel = await newChannel();
  const [one, two] = [await released(), await released()];
  await move(channel, one.version);
  const { order } = await follower(channel.name);
  const { order: closed } = await follower(channel.name);
  await engineer("closeWorkOrder", { params: { id: closed.id } });
  const give = (to: object) =>
    engineer("setOrderRelease", { params: { id: order.id }, body: { reason: "a trial", ...to } });
  expect((await give({ version: one.version })).body).toMatchObject({ channel: null });
  await move(channel, two.version);
  expect(await orderNow(order.id)).toMatchObject({ version: one.version, channel: null });
  expect(await orderNow(closed.id)).toMatchObject({ version: one.version });
  const reopen = { reason: "more of them" };
  const { body } = await engineer("reopenWorkOrder", { params: { id: closed.id }, body: reopen });
  expect(body).toMatchObject({ version: two.version, channel: channel.name });
  expect(await refusal(give({ channel: channel.name, version: one.version }))).toBe(
    "400 request.invalid",
  );
  expect(await refusal(give({}))).toBe("400 request.invalid");
  expect((await give({ channel: channel.name })).body).toMatchObject({ version: two.version });
  // Orders of a channel are not moved behind its back.
  const three = await draft();
  await engineer("promote", { params: { id: three.id }, query: { moveOrders: "true" } });
  expect((await orderNow(order.id)).version).toBe(two.version);
});

test("a promotion that moves a channel and other orders locks them in the order in which everything else does", async () => {
  const channel = await newChannel();
  const { version } = await released();
  await move(channel, version);
  const station = await newStation();
  const own = { number: next("CO-"), product: "PSU-40", version, quantity: 5 };
  const { body: named } = await engineer("addWorkOrder", {
    body: { ...own, stations: [station.name] },
  });
  const { order: following } = await follower(channel.name);
  const { id, version: latest } = await draft();
  let promoted: Promise<string> | undefined;
  await server.platform.db.transaction(async (tx) => {
    await lockOrders(tx, [named.id]);
    const query = { moveOrders: "true", channels: channel.name, reason: "both at once" } as const;
    promoted = refusal(engineer("promote", { params: { id }, query }));
    await untilWaiting(tx, 1);
    await lockOrders(tx, [named.id, following.id]);
  });
  expect(await promoted).toBe("answered");
  for (const order of [named, following]) expect((await orderNow(order.id)).version).toBe(latest);
});

test("who may what, and a channel that is followed is not removed", async () => {
  const channel = await newChannel();
  const { version } = await released();
  const lead = await server.person("operator-lead");
  const firmware = await server.person("firmware");
  const body = { product: "PSU-40", name: "x", reason: "a trial" };
  expect(await refusal(firmware("addChannel", { body }))).toBe("403 auth.forbidden");
  expect(await refusal(move(channel, version, lead))).toBe("403 auth.forbidden");
  expect((await move(channel, version, firmware)).body.movedBy).toBe("test-firmware");
  for (const name of ["", "Stable", "-x", "a b", "ß", "a".repeat(41)]) {
    expect(await refusal(engineer("addChannel", { body: { ...body, name } }))).toBe(
      "400 request.invalid",
    );
  }
  const { order } = await follower(channel.name);
  const remove = () => engineer("removeChannel", { params: { id: channel.id } });
  expect(await refusal(remove())).toBe("409 channel.followed");
  await engineer("closeWorkOrder", { params: { id: order.id } });
  expect((await remove()).status).toBe(204);
  expect(await orderNow(order.id)).toMatchObject({ version, channel: null });
});

test("whatever is moved, followed and revoked at once: an open order has what is in its channel", async () => {
  const channel = await newChannel();
  const releases = [await released(), await released(), await released()];
  await move(channel, releases[0]?.version ?? "");
  const { order } = await follower(channel.name);
  const deeds = Array.from({ length: 4 }, (_, round) => [
    ...releases.map(
      ({ version }) =>
        () =>
          move(channel, version),
    ),
    () =>
      engineer("addWorkOrder", {
        body: { number: next("CO-"), product: "PSU-40", channel: channel.name, quantity: 1 },
      }),
    () =>
      engineer("setOrderRelease", {
        params: { id: order.id },
        body: { reason: `round ${round}`, channel: channel.name },
      }),
  ]).flat();
  await Promise.all(deeds.map((deed) => deed()));
  const now = await channelNow(channel.id);
  expect(now?.orders.length).toBe(5);
  for (const number of now?.orders ?? []) {
    expect((await orderNow(number)).version).toBe(now?.version);
  }
});
