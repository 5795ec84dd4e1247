import { createPrivateKey, X509Certificate } from "node:crypto";
import { readFileSync } from "node:fs";
import type { Server } from "node:https";
import { FlashlineError } from "@flashline/contract";
import type { Logger } from "pino";
import type { TlsFiles } from "../config/config.ts";

/** How often the files are looked at, milliseconds: two small files, which may also be links that move. */
const LOOK_MS = 10_000;
/** So long before its end a certificate that nobody renewed is told of every day, milliseconds. */
const WARN_BEFORE_MS = 14 * 24 * 3_600_000;
const DAY_MS = 24 * 3_600_000;

/** A certificate and the key to it. */
export interface TlsPair {
  readonly cert: string;
  readonly key: string;
  readonly expiresAt: Date;
}

const refused = (what: string, cause?: unknown) =>
  new FlashlineError("config.invalid", `${what} (FLASHLINE_TLS_CERT, FLASHLINE_TLS_KEY).`, {
    ...(cause === undefined ? {} : { cause }),
  });

function parsed<T>(file: string, what: string, parse: (text: string) => T): T {
  try {
    return parse(readFileSync(file, "utf8"));
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause);
    throw refused(`${file} cannot be read as a ${what}: ${why}`, cause);
  }
}

/** Reads both files. Throws `config.invalid` where one cannot be read, or where they do not belong together. */
export function readPair({ certFile, keyFile }: TlsFiles): TlsPair {
  const [cert, certificate] = parsed(certFile, "certificate in PEM", (text) => [
    text,
    new X509Certificate(text),
  ]);
  const [key, privateKey] = parsed(keyFile, "private key in PEM", (text) => [
    text,
    createPrivateKey(text),
  ]);
  if (!certificate.checkPrivateKey(privateKey)) {
    throw refused(`The key in ${keyFile} is not the one of the certificate in ${certFile}`);
  }
  return { cert, key, expiresAt: new Date(certificate.validTo) };
}

/** Tells of a certificate that has ended or ends soon. A server with an old one still starts: a new one is taken while it runs. */
function tellExpiry({ expiresAt }: TlsPair, log: Logger): void {
  const left = expiresAt.getTime() - Date.now();
  if (left <= 0) log.error({ expiresAt }, "the certificate has expired: nobody connects any more");
  else if (left <= WARN_BEFORE_MS) log.warn({ expiresAt }, "the certificate expires soon");
}

/**
 * Looks for another certificate and takes it without a stop: connections that are open go on, new ones see it. A pair that is not whole or
 * does not fit is not taken; it is told of once, and looked at again. Ends with the function that is returned.
 */
export function renewTls(
  server: Pick<Server, "setSecureContext">,
  files: TlsFiles,
  first: TlsPair,
  log: Logger,
  lookMs = LOOK_MS,
): () => void {
  let current = first;
  let told = "";
  tellExpiry(current, log);
  const look = () => {
    try {
      const now = readPair(files);
      told = "";
      if (now.cert === current.cert && now.key === current.key) return;
      server.setSecureContext({ cert: now.cert, key: now.key });
      current = now;
      log.info({ expiresAt: now.expiresAt }, "another certificate was taken");
    } catch (err) {
      const message = err instanceof Error ? err.message : String(err);
      if (message !== told) log.error({ err }, "the new certificate was not taken");
      told = message;
    }
  };
  const timers = [setInterval(look, lookMs), setInterval(() => tellExpiry(current, log), DAY_MS)];
  for (const timer of timers) timer.unref();
  return () => {
    for (const timer of timers) clearInterval(timer);
  };
}
