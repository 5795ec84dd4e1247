import { once } from "node:events";
import { type AddressInfo, createServer } from "node:net";
import { expect, test } from "vitest";
import { addresses } from "./address.ts";
import { poster } from "./post.ts";

/** What is made of an endpoint that says this and nothing more, and leaves its connection open. */
async function answerTo(says: string) {
  const server = createServer((socket) => {
    socket.on("error", () => undefined);
    socket.once("data", () => socket.write(says));
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  const { post, close } = poster(addresses({ loopback: true }));
  const { signal } = new AbortController();
  const answer = await post(`http://127.0.0.1:${port}/`, {}, Buffer.from("{}"), signal);
  close();
  server.close();
  return [answer.status, answer.error];
}

test("an endpoint that wants to speak another protocol has answered, and holds nobody up", async () => {
  const says = "HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\nConnection: Upgrade\r\n\r\n";
  expect(await answerTo(says)).toEqual([101, null]);
});

test("what an endpoint said counts where the rest of its answer does not come in time; where it said nothing that is told", async () => {
  const [cut, nothing] = await Promise.all([
    answerTo("HTTP/1.1 200 OK\r\ncontent-length: 5\r\n\r\nab"),
    answerTo("HTTP/1.1 "),
  ]);
  expect(cut).toEqual([200, null]);
  expect(nothing).toEqual([null, "no answer within 10 seconds"]);
});
