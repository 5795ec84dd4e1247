import { Grant, type GrantAnswer, type SignedGrant } from "@flashline/contract";
import { newId } from "../ids.ts";
import { fingerprint, resultOf } from "../jobs/testing.ts";
import type { SeededStation } from "../testing/seed.ts";
import type { TestClient } from "../testing/server.ts";

/** A unit that a station flashed while the server was away, as its journal has it. */
export interface Flashed {
  readonly attemptId: string;
  readonly bytes: Buffer;
}

/** A station with a grant, as an agent uses it. */
export function grantedStation(call: TestClient, station: SeededStation) {
  const ask = async (id = newId(), abilities: readonly string[] = []): Promise<GrantAnswer> =>
    (await call("askGrant", { params: { id }, body: { abilities } })).body;
  return {
    ask,
    async grant(id?: string): Promise<{ readonly signed: SignedGrant; readonly grant: Grant }> {
      const { grant: signed, refusal } = await ask(id);
      if (signed === null) throw new RangeError(`no grant: ${refusal?.code} ${refusal?.message}`);
      return { signed, grant: Grant.parse(JSON.parse(signed.statement)) };
    },
    /** Nothing of it goes to the server. */
    flash(
      { signed, grant }: { readonly signed: SignedGrant; readonly grant: Grant },
      place: number,
      serial: string,
      change: Readonly<Record<string, unknown>> = {},
      at = new Date(),
    ): Flashed {
      const attemptId = newId();
      const { manifest, manifestSignature: signature, images } = signed;
      const job = {
        jobId: newId(),
        epoch: 1,
        images,
        manifest,
        signature,
        dirty: true,
        version: "",
      };
      const nest = station.nests[0]?.name ?? "";
      const attempt = { job, attemptId, host: fingerprint(station, nest) };
      const use = { id: grant.id, place, serial, nest, at: at.toISOString() };
      const result = resultOf(attempt, { offline: true, grant: use, ...change });
      return { attemptId, bytes: Buffer.from(JSON.stringify(result)) };
    },
    /** The answer's status, and what became of the job. */
    async report({ attemptId, bytes }: Flashed): Promise<string> {
      const { status, body } = await call("result", { params: { id: attemptId }, body: bytes });
      return `${status} ${body.jobState}`;
    },
    giveBack: (id: string, taken?: readonly number[]) =>
      call("returnGrant", { params: { id }, body: taken && { taken } }),
  };
}
