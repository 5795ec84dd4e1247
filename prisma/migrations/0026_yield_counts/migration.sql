-- What attempts came to, counted ahead by quarters of an hour, hours and days, so that a yield need not read them (docs/yield.md). The server fills
-- it in the background, in the order of time; until then yields read attempts.

-- One row: the columns of `dims` that its attempts have in common (all zeros and '': not one of them), and what they came to.
CREATE TABLE "yield_count" (
    "id" BIGSERIAL NOT NULL,
    "dims" SMALLINT NOT NULL,
    "span" INTEGER NOT NULL,
    "begins_at" TIMESTAMPTZ(3) NOT NULL,
    "virtual" BOOLEAN NOT NULL,
    "step_id" UUID NOT NULL,
    "release_id" UUID NOT NULL,
    "station_id" UUID NOT NULL,
    "nest_id" UUID NOT NULL,
    "host_id" UUID NOT NULL,
    "work_order_id" UUID NOT NULL,
    "outcome" TEXT NOT NULL,
    "code" TEXT NOT NULL,
    "blame" TEXT NOT NULL,
    "unit_id" UUID NOT NULL,
    "attempts" INTEGER NOT NULL,
    "units" INTEGER NOT NULL,
    "passed_second" INTEGER NOT NULL,
    "passed_third" INTEGER NOT NULL,
    "passed_last" INTEGER NOT NULL,
    "failed_by_host" INTEGER NOT NULL,
    "retested" INTEGER NOT NULL,
    "no_trouble" INTEGER NOT NULL,
    "incidents" INTEGER NOT NULL,
    "bins" SMALLINT[] NOT NULL,
    "bin_counts" INTEGER[] NOT NULL,
    "phases" TEXT[] NOT NULL,
    "phase_bins" SMALLINT[] NOT NULL,
    "phase_counts" INTEGER[] NOT NULL,

    CONSTRAINT "yield_count_pkey" PRIMARY KEY ("id")
);
-- Rows of a time are written anew together.
ALTER TABLE "yield_count" SET (autovacuum_vacuum_scale_factor = 0.05, autovacuum_analyze_scale_factor = 0.05);
CREATE INDEX "yield_count_dims_span_begins_at_idx" ON "yield_count"("dims", "span", "begins_at");
CREATE INDEX "yield_count_of_station" ON "yield_count"("station_id", "span", "begins_at") WHERE "dims" = 2;
CREATE INDEX "yield_count_of_host" ON "yield_count"("host_id", "span", "begins_at") WHERE "dims" = 2;
CREATE INDEX "yield_count_of_nest" ON "yield_count"("nest_id", "span", "begins_at") WHERE "dims" = 3;
CREATE INDEX "yield_count_of_order" ON "yield_count"("work_order_id", "span", "begins_at") WHERE "dims" = 4;

-- One row: what began before `counted_until` is counted; what changes before `watched_until` is noted in `yield_touched`. The second one goes ahead
-- first, and the counting waits for transactions that did not see it yet.
CREATE TABLE "yield_progress" (
    "id" INTEGER NOT NULL DEFAULT 1,
    "counted_until" TIMESTAMPTZ(3) NOT NULL DEFAULT to_timestamp(0),
    "watched_until" TIMESTAMPTZ(3) NOT NULL DEFAULT to_timestamp(0),

    CONSTRAINT "yield_progress_pkey" PRIMARY KEY ("id")
);
INSERT INTO "yield_progress" ("id") VALUES (1);

-- Times whose counts are not what their attempts come to any more: a quarter of an hour, those in which a unit was tried first, or those in which
-- first tries at a host failed since a time. Rows are only added and removed, so that nobody waits for anybody.
CREATE TABLE "yield_touched" (
    "id" BIGSERIAL NOT NULL,
    "quarter" TIMESTAMPTZ(3),
    "unit_id" UUID,
    "host_id" UUID,
    "since" TIMESTAMPTZ(3),

    CONSTRAINT "yield_touched_pkey" PRIMARY KEY ("id")
);

-- A result of a time that is counted, or that changes what became of a unit which is. Results of a unit are stored one after the other, so that all
-- earlier ones are seen here.
CREATE FUNCTION "touch_yield"() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE "until" TIMESTAMPTZ;
BEGIN
  SELECT "watched_until" INTO "until" FROM "yield_progress";
  IF NOT NEW."first" THEN
    INSERT INTO "yield_touched" ("quarter")
    SELECT DISTINCT "quarter_of"(a."accepted_at") FROM "attempt" a
     WHERE a."unit_id" = NEW."unit_id" AND a."step_id" = NEW."step_id" AND a."outcome" IS NOT NULL AND a."accepted_at" < "until";
  ELSIF NEW."accepted_at" < "until" THEN
    INSERT INTO "yield_touched" ("quarter") VALUES ("quarter_of"(NEW."accepted_at"));
  END IF;
  RETURN NULL;
END $$;
CREATE TRIGGER "attempt_touches_yield" AFTER UPDATE OF "outcome", "first" ON "attempt" FOR EACH ROW
  WHEN (NEW."outcome" IS NOT NULL AND (OLD."outcome" IS DISTINCT FROM NEW."outcome" OR OLD."first" <> NEW."first"))
  EXECUTE FUNCTION "touch_yield"();
CREATE TRIGGER "attempt_came_touches_yield" AFTER INSERT ON "attempt" FOR EACH ROW
  WHEN (NEW."outcome" IS NOT NULL) EXECUTE FUNCTION "touch_yield"();

-- A repair that is told later takes a unit from those in which no trouble was found.
CREATE FUNCTION "touch_yield_of_unit"() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  INSERT INTO "yield_touched" ("unit_id") VALUES (NEW."unit_id");
  RETURN NULL;
END $$;
CREATE TRIGGER "rework_touches_yield" AFTER INSERT ON "rework" FOR EACH ROW
  WHEN (NEW."kind" = 'repair') EXECUTE FUNCTION "touch_yield_of_unit"();

-- A verdict on a host takes failures of two weeks before it, and those after it, from the product.
CREATE FUNCTION "touch_yield_of_host"() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  INSERT INTO "yield_touched" ("host_id", "since") SELECT h."id", NEW."at" - interval '14 days' FROM "host" h WHERE h."id"::text = NEW."name";
  RETURN NULL;
END $$;
CREATE TRIGGER "verdict_step_touches_yield" AFTER INSERT ON "verdict_step" FOR EACH ROW
  WHEN (NEW."level" = 'controller') EXECUTE FUNCTION "touch_yield_of_host"();
