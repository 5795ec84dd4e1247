import { createHash } from "node:crypto";
import { signMinisig } from "@flashline/signing";
import { eventually } from "./refusal.ts";
import { sampleImage } from "./seed.ts";
import { startTestServer, type TestClient, type TestServerOptions } from "./server.ts";

/** Keys of a manifest with other values. */
export interface Change {
  readonly [field: string]: unknown;
}
export type Publishing = Awaited<ReturnType<typeof startPublishing>>;

export const IMAGE = sampleImage(4096, 7);
export const digestOf = (bytes: Uint8Array) => createHash("sha256").update(bytes).digest("hex");
export const imageEntry = (bytes: Uint8Array, change: Change = {}) => ({
  name: "app.bin",
  sha256: digestOf(bytes),
  size: bytes.length,
  ...change,
});

/** A server of its own that has {@link IMAGE}, and what a firmware team's CI does there. */
export async function startPublishing(options: TestServerOptions = {}) {
  const server = await startTestServer(options);
  const ci: TestClient = await server.token("releases:publish", "releases:promote", "read");
  let counter = 1;
  const upload = (bytes: Uint8Array) => ci("uploadImage", { body: bytes });
  await upload(IMAGE);

  /** The next release of the seeded product, signed by the trusted key. */
  function signed(change: Change = {}, key = server.seed.secretKey) {
    counter += 1;
    const manifest = Buffer.from(
      JSON.stringify({
        schema: 1,
        product: "PSU-40",
        chip: "STM32F407",
        version: `1.0.${counter}`,
        counter,
        images: [imageEntry(IMAGE)],
        ...change,
      }),
    );
    return {
      manifest: manifest.toString("base64"),
      signature: signMinisig(manifest, key, { trustedComment: "test" }),
    };
  }
  const publish = (change: Change = {}) => ci("publish", { body: signed(change) });
  const checked = (id: string) =>
    eventually(
      async () => (await ci("release", { params: { id } })).body,
      ({ check }) => check !== "pending",
    );
  /** What the check says of a manifest with these changes. */
  async function verdictOn(change: Change): Promise<string> {
    const { body } = await publish(change);
    const { check, checkCode } = await checked(body.id);
    return checkCode ?? check;
  }
  return { server, ci, upload, signed, publish, checked, verdictOn, counter: () => counter };
}
