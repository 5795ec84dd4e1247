import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { expect, test } from "vitest";
import { runCommand } from "./testing.ts";

/** A command against something that answers every request with this. */
async function against(type: string, body: string, ...words: readonly string[]) {
  const server = createServer((_, answer) => {
    answer.writeHead(200, { "content-type": type, connection: "close" });
    answer.end(body);
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  const env = { FLASHLINE_SERVER: `http://127.0.0.1:${port}`, FLASHLINE_TOKEN: "flt_x" };
  return await runCommand(words, env).finally(() => server.close());
}

test("a page of a proxy or of another program is not taken for the server", async () => {
  const ran = await against("text/html; charset=utf-8", "<html>Please log in", "key", "list");
  expect([ran.exit, ran.error]).toEqual([1, expect.stringContaining("it is no Flashline server")]);
  expect(ran.error).not.toContain("report");
});

test("an address with a password in it is refused without being shown", async () => {
  const ran = await runCommand(["key", "list", "--server", "https://anna:hunter2@127.0.0.1:1"], {
    FLASHLINE_TOKEN: "flt_x",
  });
  expect(ran.exit).toBe(2);
  expect(ran.error).toContain("a password in it");
  expect(ran.error).not.toContain("hunter2");
});

test("a terminal obeys nothing that the server's names and reasons hold; a program gets them as they are", async () => {
  const name = "old\u001b[2K\u0007\u009b1A \\u001b C:\\new\nline";
  const key = {
    keyId: "0123456789ABCDEF",
    name,
    publicKey: "",
    createdAt: "2026-11-30T10:00:00.000Z",
    state: "trusted",
    retiresAt: null,
    revokedAt: null,
    revokedReason: null,
    released: 0,
    unreleased: 0,
  };
  const body = JSON.stringify([key]);
  const shown = await against("application/json", body, "key", "list");
  expect(shown.out).toContain("old\ufffd[2K\ufffd\ufffd1A \\u001b C:\\new\nline");
  const told = await against("application/json", body, "key", "list", "--json");
  expect(JSON.parse(told.out)).toMatchObject({ name });
});
