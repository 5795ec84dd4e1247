import { createHmac, randomBytes } from "node:crypto";
import type { Clock, DfuTransport } from "@flashline/dfu-core/protocol";
import { createTranscript, encodePcapng, recordTransport } from "@flashline/dfu-core/transcript";
import { AGENT_VERSION } from "../version.ts";

/**
 * What an attempt keeps in memory: of a large image the end, where it failed. With many nests at once it must stay small;
 * as a file it is 1.3 MB at most.
 */
const MOST = { entries: 4_000, bytes: 4 * 1024 * 1024 };
const DIGEST_BYTES = 8;

/** What goes over one attempt's wire. */
export interface AttemptRecord {
  /** The same transport, written down. */
  readonly transport: DfuTransport;
  /** As pcapng, without anything that a unit's flash holds. */
  file(): Uint8Array;
}

/** @param portPath names the link in the file */
export function recordAttempt(inner: DfuTransport, portPath: string, clock: Clock): AttemptRecord {
  const transcript = createTranscript(MOST);
  const epochMs = Date.now() - clock.now();
  return {
    transport: recordTransport(inner, transcript, clock),
    file() {
      // The key is dropped with this call. Digests then show which blocks were read back as sent, and cannot be used to guess a short secret.
      const key = randomBytes(32);
      const elide = (data: Uint8Array) =>
        createHmac("sha256", key).update(data).digest().subarray(0, DIGEST_BYTES);
      const application = `flashline-agent ${AGENT_VERSION}`;
      return encodePcapng(transcript, { epochMs, application, link: portPath, elide });
    },
  };
}
