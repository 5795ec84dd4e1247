import fc from "fast-check";
import { expect, test } from "vitest";
import {
  formatPublicKey,
  formatSecretKey,
  generateKeyPair,
  KeyFileError,
  keyIdOf,
  parsePublicKey,
  parseSecretKey,
  SignatureError,
  signMinisig,
  verifyMinisig,
} from "./index.ts";

const { publicKey, secretKey } = generateKeyPair();
const line = fc.string({ maxLength: 80, unit: "grapheme" }).filter((s) => !/[\r\n\0]/.test(s));
const bytes = fc.uint8Array({ maxLength: 300 });

test("any bytes and any one-line comment verify after signing", () => {
  fc.assert(
    fc.property(bytes, line, (data, trustedComment) => {
      const text = signMinisig(data, secretKey, { trustedComment });
      expect(verifyMinisig(data, text, publicKey)).toEqual({
        keyId: publicKey.keyId,
        trustedComment,
      });
    }),
  );
});

test("keys survive their files, in either line end", () => {
  const readBack = parsePublicKey(formatPublicKey(publicKey).replaceAll("\n", "\r\n"));
  const readSecret = parseSecretKey(formatSecretKey(secretKey));
  const text = signMinisig(Buffer.from("x"), readSecret, { trustedComment: "t" });
  expect(verifyMinisig(Buffer.from("x"), text, readBack).trustedComment).toBe("t");
  expect(parsePublicKey(formatPublicKey(publicKey).split("\n")[1] ?? "").keyId).toBe(
    publicKey.keyId,
  );
});

test("no single changed character of what is signed is accepted", () => {
  const data = Buffer.from("the manifest's exact bytes");
  const text = signMinisig(data, secretKey, { trustedComment: "product u2c version 1" });
  const start = text.indexOf("\n") + 1;
  for (let at = start; at < text.length - 1; at += 1) {
    const other = text[at] === "A" ? "B" : "A";
    const changed = `${text.slice(0, at)}${other}${text.slice(at + 1)}`;
    expect(() => verifyMinisig(data, changed, publicKey), `character ${at}`).toThrow(
      SignatureError,
    );
  }
});

test("no single flipped bit of the data is accepted", () => {
  fc.assert(
    fc.property(fc.uint8Array({ minLength: 1, maxLength: 64 }), fc.nat(), (data, seed) => {
      const text = signMinisig(data, secretKey, { trustedComment: "" });
      const changed = Uint8Array.from(data);
      const at = seed % data.length;
      changed[at] = (data[at] ?? 0) ^ (1 << (seed % 8));
      expect(() => verifyMinisig(changed, text, publicKey)).toThrow(
        expect.objectContaining({ code: "release.signature_invalid" }),
      );
    }),
  );
});

test("every refusal has its code", () => {
  const data = Buffer.from("x");
  const text = signMinisig(data, secretKey, { trustedComment: "t" });
  const stranger = generateKeyPair().publicKey;
  const codeOf = (run: () => unknown) => {
    try {
      run();
    } catch (error) {
      return error instanceof SignatureError ? error.code : "another error";
    }
    return "accepted";
  };
  expect(codeOf(() => verifyMinisig(data, " \n", publicKey))).toBe("release.signature_missing");
  expect(codeOf(() => verifyMinisig(data, text, stranger))).toBe("release.key_unknown");
  expect(codeOf(() => verifyMinisig(data, `${text}more\n`, publicKey))).toBe(
    "release.signature_invalid",
  );
  const posing = { keyId: publicKey.keyId, key: stranger.key };
  expect(codeOf(() => verifyMinisig(data, text, posing))).toBe("release.signature_invalid");
  expect(() => signMinisig(data, secretKey, { trustedComment: "a\nb" })).toThrow(KeyFileError);
});

test("no text crashes a parser with anything but its own error", () => {
  const pieces = [
    fc.string({ maxLength: 300 }),
    fc.uint8Array({ maxLength: 200 }).map((b) => Buffer.from(b).toString("base64")),
    fc.constantFrom("untrusted comment: a", "trusted comment: b", "", "RWQ="),
  ];
  const text = fc.array(fc.oneof(...pieces), { maxLength: 6 }).map((parts) => parts.join("\n"));
  const only = (run: () => unknown, kind: typeof SignatureError | typeof KeyFileError) => {
    try {
      run();
    } catch (error) {
      expect(error).toBeInstanceOf(kind);
    }
  };
  fc.assert(
    fc.property(text, (input) => {
      only(() => parsePublicKey(input), KeyFileError);
      only(() => parseSecretKey(input), KeyFileError);
      only(() => keyIdOf(input), SignatureError);
      only(() => verifyMinisig(Buffer.from("x"), input, publicKey), SignatureError);
    }),
    { numRuns: 500 },
  );
});

test("a damaged secret key is not used", () => {
  const [comment, payload = ""] = formatSecretKey(secretKey).split("\n");
  const bytesOf = Buffer.from(payload, "base64");
  bytesOf[70] = (bytesOf[70] ?? 0) ^ 1;
  expect(() => parseSecretKey(`${comment}\n${bytesOf.toString("base64")}\n`)).toThrow(/damaged/);
});

test("a secret key with a password is named as such", () => {
  const [comment, payload = ""] = formatSecretKey(secretKey).split("\n");
  const scrypt = Buffer.from(payload, "base64");
  scrypt.write("Sc", 2, "latin1");
  expect(() => parseSecretKey(`${comment}\n${scrypt.toString("base64")}\n`)).toThrow(/encrypted/);
});
