-- What lists show and order by, kept where it would be counted over all jobs at each request.

-- A unit by its latest job that counts, and in which orders and releases it counts as what.
CREATE TABLE "unit_state" (
    "unit_id" UUID NOT NULL,
    "serial" TEXT COLLATE "C" NOT NULL,
    "state" TEXT NOT NULL DEFAULT 'new',
    "worked_at" TIMESTAMPTZ(3) NOT NULL DEFAULT '-infinity',
    "counted" JSONB NOT NULL DEFAULT '{}',

    CONSTRAINT "unit_state_pkey" PRIMARY KEY ("unit_id")
);
ALTER TABLE "unit_state" ADD CONSTRAINT "unit_state_unit_id_fkey" FOREIGN KEY ("unit_id") REFERENCES "unit"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- Counts of units by order, release and product: the sum over a scope's shards. Each connection adds to a shard of its own, so that stations
-- of one order do not wait for each other.
CREATE TABLE "tally" (
    "scope" UUID NOT NULL,
    "shard" INTEGER NOT NULL,
    "units" INTEGER NOT NULL DEFAULT 0,
    "passed" INTEGER NOT NULL DEFAULT 0,
    "running" INTEGER NOT NULL DEFAULT 0,
    "failed" INTEGER NOT NULL DEFAULT 0,

    CONSTRAINT "tally_pkey" PRIMARY KEY ("scope", "shard")
);

-- What a judgement of hosts showed of all of them together.
CREATE TABLE "summary" (
    "name" TEXT NOT NULL,
    "content" JSONB NOT NULL,
    "at" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "summary_pkey" PRIMARY KEY ("name")
);

-- The one station whose attempts a host has; null before the first, and where they came from several.
ALTER TABLE "host" ADD COLUMN "station_id" UUID;
ALTER TABLE "host" ADD COLUMN "many_stations" BOOLEAN NOT NULL DEFAULT false;
ALTER TABLE "host" ADD COLUMN "counted" JSONB;
ALTER TABLE "host" ADD CONSTRAINT "host_station_id_fkey" FOREIGN KEY ("station_id") REFERENCES "station"("id") ON DELETE SET NULL ON UPDATE CASCADE;

-- A unit as its jobs are now. A unit is what its latest job that was not called off says; once for each order and release it counts as passed
-- before everything, then as running, then as failed. "worked_at" is when its latest job began, and once that has ended, when it ended.
CREATE FUNCTION "unit_now"("one" UUID) RETURNS TABLE ("state" TEXT, "worked_at" TIMESTAMPTZ, "counted" JSONB) LANGUAGE sql STABLE AS $$
  WITH "tried" AS (
    SELECT j."id", j."work_order_id", j."release_id", j."created_at", j."changed_at", j."state",
           j."state" IN ('QUEUED', 'OFFERED', 'LEASED', 'RUNNING') AS "open",
           j."state" = 'FAILED' OR j."state" = 'CANCELLED' AND EXISTS (
             SELECT FROM "attempt" a WHERE a."unit_id" = "one" AND a."job_id" = j."id" AND a."outcome" = 'FAIL'
                AND a."code" IS DISTINCT FROM 'attempt.cancelled') AS "failed"
      FROM "job" j WHERE j."unit_id" = "one"),
  "latest" AS (
    SELECT t."failed", t."open", t."state", CASE WHEN t."open" THEN t."created_at" ELSE t."changed_at" END AS "at"
      FROM "tried" t WHERE t."state" <> 'CANCELLED' OR t."failed" ORDER BY t."created_at" DESC, t."id" DESC LIMIT 1),
  "counts" AS (
    SELECT t."work_order_id" AS "scope", CASE WHEN bool_or(t."state" = 'PASSED') THEN 'passed' WHEN bool_or(t."open") THEN 'running'
             WHEN bool_or(t."failed") THEN 'failed' END AS "as"
      FROM "tried" t GROUP BY t."work_order_id"
    UNION ALL
    SELECT t."release_id", CASE WHEN bool_or(t."state" = 'PASSED') THEN 'passed' WHEN bool_or(t."state" = 'FAILED') THEN 'failed' END
      FROM "tried" t GROUP BY t."release_id")
  SELECT coalesce((SELECT CASE WHEN l."state" = 'PASSED' THEN 'passed' WHEN l."failed" THEN 'failed' WHEN l."open" THEN 'in work'
                            ELSE 'unknown' END FROM "latest" l), 'new'),
         coalesce((SELECT l."at" FROM "latest" l), '-infinity'),
         coalesce((SELECT jsonb_object_agg(c."scope", c."as") FROM "counts" c WHERE c."as" IS NOT NULL), '{}')
$$;

-- Under the lock of the unit's row, so that two transactions that move jobs of one unit see each other's.
CREATE FUNCTION "keep_unit"("one" UUID) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
  "kept" "unit_state"%ROWTYPE;
  "fresh" RECORD;
BEGIN
  SELECT * INTO "kept" FROM "unit_state" WHERE "unit_id" = "one" FOR UPDATE;
  IF NOT FOUND THEN
    INSERT INTO "unit_state" ("unit_id", "serial") SELECT u."id", u."serial" FROM "unit" u WHERE u."id" = "one"
    ON CONFLICT ("unit_id") DO NOTHING;
    SELECT * INTO "kept" FROM "unit_state" WHERE "unit_id" = "one" FOR UPDATE;
  END IF;
  SELECT * INTO "fresh" FROM "unit_now"("one");
  IF "fresh"."counted" <> "kept"."counted" THEN
    INSERT INTO "tally" AS t ("scope", "shard", "passed", "running", "failed")
    SELECT c."key"::uuid, pg_backend_pid() % 32, coalesce(sum(c."n") FILTER (WHERE c."value" = 'passed'), 0),
           coalesce(sum(c."n") FILTER (WHERE c."value" = 'running'), 0), coalesce(sum(c."n") FILTER (WHERE c."value" = 'failed'), 0)
      FROM (SELECT "key", "value", 1 AS "n" FROM jsonb_each_text("fresh"."counted")
            UNION ALL SELECT "key", "value", -1 FROM jsonb_each_text("kept"."counted")) c
     WHERE "fresh"."counted" -> c."key" IS DISTINCT FROM "kept"."counted" -> c."key"
     GROUP BY c."key" ORDER BY c."key"
    ON CONFLICT ("scope", "shard") DO UPDATE SET "passed" = t."passed" + excluded."passed",
      "running" = t."running" + excluded."running", "failed" = t."failed" + excluded."failed";
  END IF;
  IF ("fresh"."state", "fresh"."worked_at"::timestamptz(3), "fresh"."counted") IS DISTINCT FROM ("kept"."state", "kept"."worked_at", "kept"."counted") THEN
    UPDATE "unit_state" SET "state" = "fresh"."state", "worked_at" = "fresh"."worked_at", "counted" = "fresh"."counted"
     WHERE "unit_id" = "one";
  END IF;
END $$;

CREATE FUNCTION "keep_unit_of_row"() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  PERFORM "keep_unit"(NEW."unit_id");
  RETURN NULL;
END $$;
CREATE FUNCTION "keep_new_units"() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  INSERT INTO "unit_state" ("unit_id", "serial") SELECT "id", "serial" FROM "added" ON CONFLICT ("unit_id") DO NOTHING;
  INSERT INTO "tally" AS t ("scope", "shard", "units") SELECT "product_id", pg_backend_pid() % 32, count(*) FROM "added" GROUP BY 1
  ON CONFLICT ("scope", "shard") DO UPDATE SET "units" = t."units" + excluded."units";
  RETURN NULL;
END $$;
CREATE FUNCTION "keep_station_of_host"() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF NOT EXISTS (SELECT FROM "host" WHERE "id" = NEW."host_id" AND ("many_stations" OR "station_id" = NEW."station_id")) THEN
    UPDATE "host" SET "many_stations" = "station_id" IS NOT NULL AND "station_id" <> NEW."station_id",
        "station_id" = CASE WHEN "station_id" IS NULL OR "station_id" = NEW."station_id" THEN NEW."station_id" END
     WHERE "id" = NEW."host_id" AND NOT "many_stations";
  END IF;
  RETURN NULL;
END $$;

-- Before the first attempt or job: the counts are made once from what is there.
INSERT INTO "unit_state" ("unit_id", "serial", "state", "worked_at", "counted")
SELECT u."id", u."serial", n."state", n."worked_at", n."counted" FROM "unit" u CROSS JOIN LATERAL "unit_now"(u."id") n;
INSERT INTO "tally" ("scope", "shard", "passed", "running", "failed")
SELECT c."key"::uuid, 0, count(*) FILTER (WHERE c."value" = 'passed'), count(*) FILTER (WHERE c."value" = 'running'),
       count(*) FILTER (WHERE c."value" = 'failed')
  FROM "unit_state" s, jsonb_each_text(s."counted") c GROUP BY c."key";
INSERT INTO "tally" ("scope", "shard", "units") SELECT "product_id", 0, count(*) FROM "unit" GROUP BY "product_id";
UPDATE "host" h SET "many_stations" = w."n" > 1, "station_id" = CASE WHEN w."n" = 1 THEN w."one" END
  FROM (SELECT "host_id", count(DISTINCT "station_id") AS "n", (array_agg("station_id"))[1] AS "one" FROM "attempt" GROUP BY "host_id") w
 WHERE h."id" = w."host_id";

-- Not between two states of an open job: the unit is in work all the time.
CREATE TRIGGER "job_kept_added" AFTER INSERT ON "job" FOR EACH ROW EXECUTE FUNCTION "keep_unit_of_row"();
CREATE TRIGGER "job_kept_moved" AFTER UPDATE OF "state" ON "job" FOR EACH ROW
  WHEN (NOT (OLD."state" IN ('QUEUED', 'OFFERED', 'LEASED', 'RUNNING') AND NEW."state" IN ('QUEUED', 'OFFERED', 'LEASED', 'RUNNING')))
  EXECUTE FUNCTION "keep_unit_of_row"();
-- A job that was called off counts as failed once its attempt is told as FAIL.
CREATE TRIGGER "attempt_kept_failed" AFTER UPDATE OF "outcome" ON "attempt" FOR EACH ROW
  WHEN (NEW."outcome" = 'FAIL' AND OLD."outcome" IS NULL) EXECUTE FUNCTION "keep_unit_of_row"();
CREATE TRIGGER "unit_kept_added" AFTER INSERT ON "unit" REFERENCING NEW TABLE AS "added" FOR EACH STATEMENT EXECUTE FUNCTION "keep_new_units"();
CREATE TRIGGER "attempt_host_added" AFTER INSERT ON "attempt" FOR EACH ROW EXECUTE FUNCTION "keep_station_of_host"();
CREATE TRIGGER "attempt_host_moved" AFTER UPDATE OF "host_id" ON "attempt" FOR EACH ROW
  WHEN (OLD."host_id" <> NEW."host_id") EXECUTE FUNCTION "keep_station_of_host"();

-- One index for each order in which a list can be asked for; those of before end in the id now, so that a list goes on after any row.
CREATE INDEX "unit_state_worked_at_unit_id_idx" ON "unit_state"("worked_at", "unit_id");
CREATE INDEX "unit_state_state_worked_at_unit_id_idx" ON "unit_state"("state", "worked_at", "unit_id");
CREATE INDEX "unit_state_serial_unit_id_idx" ON "unit_state"("serial", "unit_id");
CREATE INDEX "unit_state_state_serial_unit_id_idx" ON "unit_state"("state", "serial", "unit_id");
CREATE INDEX "attempt_received_at_id_idx" ON "attempt"("received_at", "id");
CREATE INDEX "attempt_host_id_received_at_id_idx" ON "attempt"("host_id", "received_at", "id");
CREATE INDEX "attempt_station_id_received_at_id_idx" ON "attempt"("station_id", "received_at", "id");
CREATE INDEX "attempt_failed" ON "attempt"("received_at", "id") WHERE "outcome" = 'FAIL';
CREATE INDEX "attempt_failed_at_station" ON "attempt"("station_id", "received_at", "id") WHERE "outcome" = 'FAIL';
CREATE INDEX "attempt_failed_at_host" ON "attempt"("host_id", "received_at", "id") WHERE "outcome" = 'FAIL';
DROP INDEX "attempt_received_at_idx";
DROP INDEX "attempt_host_id_received_at_idx";
DROP INDEX "attempt_station_id_received_at_idx";
CREATE INDEX "host_machine_idx" ON "host"("machine");
CREATE INDEX "station_machine_idx" ON "station"("machine");
CREATE INDEX "station_active_work_order_id_idx" ON "station"("active_work_order_id");
CREATE INDEX "work_order_created_at_id_idx" ON "work_order"("created_at", "id");
CREATE INDEX "release_created_at_id_idx" ON "release"("created_at", "id");
CREATE INDEX "release_product_id_created_at_id_idx" ON "release"("product_id", "created_at", "id");
