import { newId } from "../ids.ts";
import { fingerprint, resultOf } from "../jobs/testing.ts";
import type { SeededStation } from "../testing/seed.ts";
import type { TestServer } from "../testing/server.ts";

export const ABILITIES = ["golden-checks"];

/** A check as an agent makes it, opened and not started. */
export async function goldenCheck(
  server: TestServer,
  station: SeededStation,
  serial: string,
  {
    nest = "A",
    run,
    sectors = [0x0800_0000],
  }: { nest?: string; run?: string; sectors?: number[] } = {},
) {
  const call = server.station(station);
  const checkId = newId();
  const asked = { checkId, serial, nest, abilities: ABILITIES };
  const body = run === undefined ? asked : { ...asked, run };
  const { body: order, status } = await call("openGoldenCheck", { body });
  const host = fingerprint(station, nest);
  const params = { id: checkId };
  let sent = Buffer.alloc(0);
  return {
    call,
    checkId,
    order,
    status,
    start: (virtual = false) =>
      call("startGoldenCheck", { params, body: { host, virtual, sectors } }),
    report(change: Readonly<Record<string, unknown>> = {}) {
      const job = { ...order, jobId: checkId, epoch: 0, dirty: true };
      const result = resultOf({ job, attemptId: checkId, host }, change);
      sent = Buffer.from(JSON.stringify(result));
      return call("goldenResult", { params, body: sent });
    },
    /** The same bytes once more: the answer was lost. */
    again: () => call("goldenResult", { params, body: sent }),
  };
}
