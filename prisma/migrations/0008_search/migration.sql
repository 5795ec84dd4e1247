-- Units are found by any part of their serial, and a station's day is kept where its attempts would be counted at each request.

-- Every part of six letters of a serial, and the shorter ones at its end. A part that is looked for begins one of them, or is made of them.
CREATE FUNCTION "serial_parts"("serial" TEXT) RETURNS tsvector LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE AS $$
  SELECT array_to_tsvector(array_agg(substr("serial", s."at", 6))) FROM generate_series(1, length("serial")) AS s("at")
$$;
SET LOCAL maintenance_work_mem = '256MB';
-- Without a list of what is to be added later: who scans a new unit would wait for it now and then.
CREATE INDEX "unit_serial_parts" ON "unit" USING gin ("serial_parts"("serial")) WITH (fastupdate = off);

-- What a station's attempts came to, by the quarter of an hour in which they were received: every plant's day begins with one.
CREATE TABLE "station_quarter" (
    "station_id" UUID NOT NULL,
    "begins_at" TIMESTAMPTZ(3) NOT NULL,
    "passed" INTEGER NOT NULL DEFAULT 0,
    "failed" INTEGER NOT NULL DEFAULT 0,

    CONSTRAINT "station_quarter_pkey" PRIMARY KEY ("station_id", "begins_at")
);
ALTER TABLE "station_quarter" ADD CONSTRAINT "station_quarter_station_id_fkey" FOREIGN KEY ("station_id") REFERENCES "station"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

CREATE FUNCTION "quarter_of"("at" TIMESTAMPTZ) RETURNS TIMESTAMPTZ LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE AS $$
  SELECT to_timestamp(floor(extract(epoch FROM "at") / 900) * 900)
$$;

INSERT INTO "station_quarter" ("station_id", "begins_at", "passed", "failed")
SELECT a."station_id", "quarter_of"(a."received_at"), count(*) FILTER (WHERE a."outcome" = 'PASS'), count(*) FILTER (WHERE a."outcome" = 'FAIL')
  FROM "attempt" a WHERE a."received_at" > now() - interval '2 days' AND NOT a."late" AND a."outcome" IS NOT NULL GROUP BY 1, 2;

-- Before the attempt's row, so that every result locks its station's counts before what is kept of its unit and its order.
CREATE FUNCTION "keep_quarter"() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  INSERT INTO "station_quarter" AS q ("station_id", "begins_at", "passed", "failed")
  VALUES (NEW."station_id", "quarter_of"(NEW."received_at"), (NEW."outcome" = 'PASS')::int, (NEW."outcome" = 'FAIL')::int)
  ON CONFLICT ("station_id", "begins_at") DO UPDATE SET "passed" = q."passed" + excluded."passed", "failed" = q."failed" + excluded."failed";
  RETURN NEW;
END $$;
CREATE TRIGGER "attempt_kept_quarter" BEFORE UPDATE OF "outcome" ON "attempt" FOR EACH ROW
  WHEN (OLD."outcome" IS NULL AND NEW."outcome" IS NOT NULL AND NEW."received_at" IS NOT NULL AND NOT NEW."late")
  EXECUTE FUNCTION "keep_quarter"();

-- The host behind a nest is looked up at every scan, and a nest that was used long ago must not cost a reading of all its station's attempts.
CREATE INDEX "attempt_nest_id_received_at_idx" ON "attempt"("nest_id", "received_at");
