-- A list of attempts by how long they took. Those that tell no time come first.
SET LOCAL maintenance_work_mem = '256MB';
CREATE INDEX "attempt_duration" ON "attempt" ((coalesce("duration_ms", -1)), "id") WHERE "received_at" IS NOT NULL;
