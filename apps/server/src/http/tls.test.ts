import { execFile } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import https from "node:https";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import path from "node:path";
import type { TLSSocket } from "node:tls";
import { promisify } from "node:util";
import { whyUnreachable } from "@flashline/contract";
import { generate } from "selfsigned";
import { afterAll, beforeAll, expect, it } from "vitest";
import { startTestServer, type TestServer } from "../testing/server.ts";
import { readPair } from "./tls.ts";

const LOOK_MS = 50;
let folder: string;
let server: TestServer;
let port: number;
let authority: { readonly cert: string; readonly key: string };
const at = (name: string) => path.join(folder, name);
const files = () => ({ certFile: at("server.pem"), keyFile: at("server.key") });

/** A certificate of the plant's authority for this machine. */
async function issue(commonName: string, more: { readonly notAfterDate?: Date } = {}) {
  const made = await generate([{ name: "commonName", value: commonName }], {
    keyType: "ec",
    algorithm: "sha256",
    ca: authority,
    ...more,
    extensions: [{ name: "subjectAltName", altNames: [{ type: 7, ip: "127.0.0.1" }] }],
  });
  return { cert: made.cert, key: made.private };
}
function put({ cert, key }: { readonly cert: string; readonly key: string }): void {
  writeFileSync(at("server.pem"), cert);
  writeFileSync(at("server.key"), key);
}

beforeAll(async () => {
  folder = mkdtempSync(path.join(tmpdir(), "flashline-tls-"));
  const made = await generate([{ name: "commonName", value: "Plant CA" }], {
    keyType: "ec",
    algorithm: "sha256",
    extensions: [
      { name: "basicConstraints", cA: true, critical: true },
      { name: "keyUsage", keyCertSign: true, cRLSign: true },
    ],
  });
  authority = { cert: made.cert, key: made.private };
  writeFileSync(at("ca.pem"), authority.cert);
  put(await issue("first"));
  server = await startTestServer({
    tlsLookMs: LOOK_MS,
    environment: { FLASHLINE_TLS_CERT: at("server.pem"), FLASHLINE_TLS_KEY: at("server.key") },
  });
  await server.app.listen({ host: "127.0.0.1", port: 0 });
  port = (server.app.server.address() as AddressInfo).port;
});
afterAll(async () => {
  await server?.close();
  rmSync(folder, { recursive: true, force: true });
});

interface Answer {
  readonly status: number | undefined;
  readonly body: string;
  readonly headers: NodeJS.Dict<string | string[]>;
  /** Of the certificate that was shown. */
  readonly commonName: string | string[] | undefined;
}

/** One request on a connection of its own, as who trusts the plant's authority. */
function get(url: string, headers: Readonly<Record<string, string>> = {}): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const options = { ca: authority.cert, agent: false, headers };
    const asked = https.get(`https://127.0.0.1:${port}${url}`, options, (answer) => {
      // Later the connection may be gone.
      const { subject } = (answer.socket as TLSSocket).getPeerCertificate();
      let body = "";
      answer.setEncoding("utf8").on("data", (text: string) => {
        body += text;
      });
      answer.on("end", () => {
        const { statusCode: status, headers: told } = answer;
        resolve({ status, body, headers: told, commonName: subject.CN });
      });
    });
    asked.on("error", reject);
  });
}
const shown = async () => (await get("/healthz")).commonName;

it("speaks https alone", async () => {
  expect(await shown()).toBe("first");
  const { headers } = await get("/healthz");
  expect(headers["strict-transport-security"]).toMatch(/max-age=/);
  await expect(fetch(`http://127.0.0.1:${port}/healthz`)).rejects.toThrow();
});

it("takes another certificate while a long poll goes on", async () => {
  const token = await server.tokenSecret("feed:read");
  const poll = get("/v1/feed?after=999999&waitMs=1500", { authorization: `Bearer ${token}` });
  await shown();
  put(await issue("second"));
  await expect.poll(shown).toBe("second");
  const answer = await poll;
  expect([answer.status, answer.commonName]).toEqual([200, "first"]);
});

it("keeps what it has while the files do not belong together, or are gone", async () => {
  const third = await issue("third");
  writeFileSync(at("server.pem"), third.cert);
  await new Promise((resolve) => setTimeout(resolve, 3 * LOOK_MS));
  expect(await shown()).toBe("second");
  rmSync(at("server.pem"));
  await new Promise((resolve) => setTimeout(resolve, 3 * LOOK_MS));
  expect(await shown()).toBe("second");
  put(third);
  await expect.poll(shown).toBe("third");
});

it("refuses at its start what cannot work, and says what", async () => {
  const [one, other] = [await issue("one"), await issue("other")];
  put({ cert: one.cert, key: other.key });
  expect(() => readPair(files())).toThrow(/is not the one of the certificate in/);
  put({ cert: "no certificate", key: one.key });
  expect(() => readPair(files())).toThrow(/server\.pem cannot be read as a certificate in PEM/);
  rmSync(at("server.key"));
  put({ ...one, key: "" });
  expect(() => readPair(files())).toThrow(/server\.key cannot be read as a private key in PEM/);
});

it("is believed by programs that know the plant's authority, and tells the others what to do", async () => {
  put(await issue("fourth"));
  await expect.poll(shown).toBe("fourth");
  const url = `https://127.0.0.1:${port}/healthz`;
  const asked = `fetch(${JSON.stringify(url)}).then((answer) => console.log(answer.status))`;
  const { stdout } = await promisify(execFile)(process.execPath, ["-e", asked], {
    env: { ...process.env, NODE_EXTRA_CA_CERTS: at("ca.pem") },
  });
  expect(stdout.trim()).toBe("200");
  const why = async (address: string) =>
    whyUnreachable(
      await fetch(address).then(
        () => new Error("answered"),
        (error: Error) => error,
      ),
    );
  expect(await why(url)).toMatch(
    /authority that this PC does not know; name .* NODE_EXTRA_CA_CERTS/,
  );
  const plain = await startTestServer({ replicaOf: server, idle: true });
  try {
    await plain.app.listen({ host: "127.0.0.1", port: 0 });
    const { port: http } = plain.app.server.address() as AddressInfo;
    expect(await why(`https://127.0.0.1:${http}/`)).toBe("it does not speak https there; try http");
  } finally {
    await plain.close();
  }
});
