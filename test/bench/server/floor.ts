import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import type { Seed, SeededStation } from "@flashline/server/testing";
import { parseRate } from "./parse.ts";

const TABLE_OF_NESTS = "bench_nest";

/**
 * What a unit leaves in the database and nothing else, in the five transactions that its answers need: ordered, offered, leased,
 * started, finished. Ids come from the server's clock and chance, as they do from ours.
 */
const script = (seed: Seed, hostId: string, body: number) => `
SELECT station_id AS station, nest_id AS nest FROM ${TABLE_OF_NESTS} WHERE client = :client_id \\gset
BEGIN;
INSERT INTO unit (id, product_id, serial) VALUES (gen_random_uuid(), '${seed.productId}', 'P' || gen_random_uuid()) RETURNING id AS unit \\gset
INSERT INTO job (id, unit_id, station_id, nest_id, work_order_id, release_id, step_id, state, deadline)
 VALUES (gen_random_uuid(), :unit, :station, :nest, '${seed.workOrderId}', '${seed.releaseId}', '${seed.stepId}', 'QUEUED', now() + interval '5 s') RETURNING id AS job \\gset
INSERT INTO outbox (queue, key, payload) VALUES ('bench', 'flash-' || :job::text, json_build_object('jobId', :job::text)) RETURNING id AS told \\gset
END;
BEGIN;
DELETE FROM outbox WHERE id = :told;
UPDATE job SET state = 'OFFERED', changed_at = now(), deadline = now() + interval '30 s' WHERE id = :job;
END;
UPDATE job SET state = 'LEASED', epoch = 1, changed_at = now(), deadline = now() + interval '60 s' WHERE id = :job;
BEGIN;
UPDATE job SET state = 'RUNNING', changed_at = now(), deadline = now() + interval '60 s' WHERE id = :job;
INSERT INTO attempt (id, job_id, unit_id, station_id, nest_id, work_order_id, release_id, step_id, host_id, epoch, port_path)
 VALUES (gen_random_uuid(), :job, :unit, :station, :nest, '${seed.workOrderId}', '${seed.releaseId}', '${seed.stepId}', '${hostId}', 1, '1-1') RETURNING id AS attempt \\gset
END;
BEGIN;
UPDATE attempt SET outcome = 'PASS', touched = true, profile = 'standard', start_profile = 'standard', bytes = 8192,
  duration_ms = 1234.5, phase_ms = '{"erase":400,"write":500,"verify":334.5}', erased_sectors = 1, skipped_sectors = 0,
  chip = 'STM32F407', chip_match = 'class', chip_evidence = '["layout string"]', usb_serial = '357B34843039',
  agent_version = '0.1.0', started_at = now(), finished_at = now(), received_at = now(), skew_ms = 1, first = true,
  body = decode(repeat('7b', ${body}), 'hex'), body_sha256 = repeat('a', 64) WHERE id = :attempt;
UPDATE job SET state = 'PASSED', changed_at = now(), deadline = NULL WHERE id = :job;
INSERT INTO outbox (queue, key, payload) VALUES ('bench', 'attempt-' || :attempt::text, json_build_object('attemptId', :attempt::text)) RETURNING id AS told \\gset
END;
DELETE FROM outbox WHERE id = :told;
`;

/** Bytes of the results that the bench's stations send. */
const BODY_BYTES = 1_300;

/** Makes what the floor needs: a nest for each of its clients, and a host. */
export const floorTables = (stations: readonly SeededStation[], hostId: string): string => `
CREATE TABLE IF NOT EXISTS ${TABLE_OF_NESTS} (client int PRIMARY KEY, station_id uuid, nest_id uuid);
INSERT INTO host (id, key, machine, pci_address, controller, driver, fingerprint)
 VALUES ('${hostId}', 'bench', 'bench', '0000:00:14.0', '8086:a36d', 'xhci_hcd', '{}');
INSERT INTO ${TABLE_OF_NESTS} VALUES ${stations
  .map(({ id, nests }, client) => `(${client}, '${id}', '${nests[0]?.id}')`)
  .join(", ")};
`;

/** Units a second that pgbench brings through the same rows, with nothing else at work. */
export async function measureFloor(
  url: string,
  seed: Seed,
  hostId: string,
  clients: number,
  seconds: number,
): Promise<number> {
  const folder = mkdtempSync(path.join(tmpdir(), "flashline-floor-"));
  try {
    const file = path.join(folder, "unit.sql");
    writeFileSync(file, script(seed, hostId, BODY_BYTES));
    const args = ["-n", "-M", "prepared", "-c", `${clients}`, "-T", `${seconds}`, "-f", file, url];
    const run = spawn("pgbench", args, { stdio: ["ignore", "pipe", "pipe"] });
    let said = "";
    run.stdout.on("data", (part: Buffer) => {
      said += part.toString();
    });
    run.stderr.on("data", (part: Buffer) => {
      said += part.toString();
    });
    await once(run, "close");
    return parseRate(said);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
