import { afterAll, beforeAll, expect, test } from "vitest";
import { eventsOf } from "../testing/events.ts";
import { refusal } from "../testing/refusal.ts";
import { startTestServer, type TestClient, type TestServer } from "../testing/server.ts";

let server: TestServer;
let engineer: TestClient;
beforeAll(async () => {
  server = await startTestServer({ idle: true });
  engineer = await server.person("engineer");
  await engineer("addProduct", {
    body: { name: "FAN-9", chip: "STM32F407", serialPattern: "FAN-[0-9]+", title: "Fan" },
  });
});
afterAll(() => server.close());

const sql = () => server.platform.db.sql;
const change = (body: object) =>
  engineer("changeProduct", {
    params: { id: "FAN-9" },
    body: { reason: "new labels", ...body },
  });

test("the same product from several at once is one product, and an error for none of them", async () => {
  // They meet in some of the rounds.
  for (let round = 1; round <= 8; round += 1) {
    const body = { name: `ROUND-${round}`, chip: "STM32F407", title: "Fan" };
    const add = () => engineer("addProduct", { body });
    const answers = await Promise.all(Array.from({ length: 6 }, add));
    expect(new Set(answers.map((answer) => answer.body.id)).size).toBe(1);
  }
});

test("what is named changes, and nothing else; the event tells only what differs", async () => {
  const { body } = await change({ title: "Fan", boardRevisions: ["C"], registration: "pattern" });
  expect(body).toMatchObject({
    title: "Fan",
    boardRevisions: ["C"],
    serialPattern: "FAN-[0-9]+",
    chip: "STM32F407",
    registration: "pattern",
    allowVirtual: false,
    retestLimit: 3,
  });
  expect((await eventsOf(sql(), "product.changed")).at(-1)).toMatchObject({
    before: { boardRevisions: [], registration: "listed" },
    after: { boardRevisions: ["C"], registration: "pattern" },
    reason: "new labels",
  });
  const before = (await eventsOf(sql(), "product.changed")).length;
  await change({ boardRevisions: ["C"] });
  expect(await eventsOf(sql(), "product.changed")).toHaveLength(before);
});

test("what cannot be is refused, and nothing of it is done", async () => {
  expect(await refusal(change({ serialPattern: null, title: "no" }))).toBe("400 request.invalid");
  expect(await refusal(change({ serialPattern: "(?=a)" }))).toBe("422 product.pattern_unusable");
  const { body } = await engineer("products", {});
  expect(body.find(({ name }) => name === "FAN-9")?.title).toBe("Fan");
  const nobody = { params: { id: "FAN-10" }, body: { title: "x", reason: "none" } };
  expect(await refusal(engineer("changeProduct", nobody))).toBe("404 request.not_found");
});

test("a retired product takes no new orders; what was ordered goes on, and it is taken back", async () => {
  const { product, version, workOrderId } = server.seed;
  const retire = (retired: boolean) =>
    engineer("changeProduct", {
      params: { id: product },
      body: { retired, reason: "the last batch is out" },
    });
  const order = (number: string) =>
    engineer("addWorkOrder", { body: { number, product, version, quantity: 1 } });
  await order("R-1");
  const { body } = await retire(true);
  expect(body.retiredAt).not.toBeNull();
  expect((await retire(true)).body.retiredAt).toBe(body.retiredAt);
  expect(await refusal(order("R-2"))).toBe("409 product.retired");
  // The same order again is no new one.
  expect((await order("R-1")).body.state).toBe("open");
  const known = await engineer("workOrder", { params: { id: workOrderId } });
  expect(known.body.state).toBe("open");
  expect((await retire(false)).body.retiredAt).toBeNull();
  expect((await order("R-2")).body.number).toBe("R-2");
});

test("the part table names what a product may name as its chip", async () => {
  const { body } = await engineer("parts", {});
  for (const { aliases } of body) {
    for (const alias of aliases.slice(0, 1)) {
      const product = { name: `OF-${alias}`, chip: `STM32${alias}` };
      await expect(engineer("addProduct", { body: product })).resolves.toMatchObject({
        status: 201,
      });
    }
  }
  expect(body.length).toBeGreaterThan(20);
});
