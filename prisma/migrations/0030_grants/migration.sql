-- What stations may flash while the server is away. A grant keeps places in its order's count; what is flashed under it is told later.

-- For how long at most, and for how many units at once. 0 hours: the plant's stations get none. An upgrade takes no quota in advance.
ALTER TABLE "plant" ADD COLUMN "grant_hours" INTEGER NOT NULL DEFAULT 0, ADD COLUMN "grant_units" INTEGER NOT NULL DEFAULT 50;

CREATE TABLE "offline_grant" (
    "id" UUID NOT NULL,
    "station_id" UUID NOT NULL,
    "work_order_id" UUID NOT NULL,
    "release_id" UUID NOT NULL,
    "units" INTEGER NOT NULL,
    "used" INTEGER NOT NULL DEFAULT 0,
    "given_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "until" TIMESTAMPTZ(3) NOT NULL,
    "statement" TEXT NOT NULL,
    "signature" TEXT NOT NULL,
    "ended_at" TIMESTAMPTZ(3),
    "ended_as" TEXT,
    "ended_by" TEXT,
    "end_reason" TEXT,

    CONSTRAINT "offline_grant_pkey" PRIMARY KEY ("id"),
    CONSTRAINT "offline_grant_units" CHECK ("units" > 0 AND "used" BETWEEN 0 AND "units")
);
ALTER TABLE "offline_grant" ADD CONSTRAINT "offline_grant_station_id_fkey" FOREIGN KEY ("station_id") REFERENCES "station"("id") ON DELETE RESTRICT ON UPDATE CASCADE;
ALTER TABLE "offline_grant" ADD CONSTRAINT "offline_grant_work_order_id_fkey" FOREIGN KEY ("work_order_id") REFERENCES "work_order"("id") ON DELETE RESTRICT ON UPDATE CASCADE;
ALTER TABLE "offline_grant" ADD CONSTRAINT "offline_grant_release_id_fkey" FOREIGN KEY ("release_id") REFERENCES "release"("id") ON DELETE RESTRICT ON UPDATE CASCADE;
CREATE INDEX "offline_grant_given_at_id_idx" ON "offline_grant"("given_at", "id");
-- Few are open at a time.
CREATE INDEX "offline_grant_open_station" ON "offline_grant"("station_id") WHERE "ended_at" IS NULL;
CREATE INDEX "offline_grant_open_order" ON "offline_grant"("work_order_id") WHERE "ended_at" IS NULL;
CREATE INDEX "offline_grant_open_release" ON "offline_grant"("release_id") WHERE "ended_at" IS NULL;

-- Numbers that were taken out of ranges for places of grants. Without a grant: a station gave it back unused, and the next grant takes it. A number
-- that a unit got stands in unit_number, and no more here.
CREATE TABLE "grant_number" (
    "product_id" UUID NOT NULL,
    "name" TEXT NOT NULL,
    "value" BIGINT NOT NULL,
    "grant_id" UUID,
    "place" INTEGER,

    CONSTRAINT "grant_number_pkey" PRIMARY KEY ("product_id", "name", "value")
);
ALTER TABLE "grant_number" ADD CONSTRAINT "grant_number_product_id_fkey" FOREIGN KEY ("product_id") REFERENCES "product"("id") ON DELETE RESTRICT ON UPDATE CASCADE;
ALTER TABLE "grant_number" ADD CONSTRAINT "grant_number_grant_id_fkey" FOREIGN KEY ("grant_id") REFERENCES "offline_grant"("id") ON DELETE RESTRICT ON UPDATE CASCADE;
CREATE INDEX "grant_number_grant_id_place_idx" ON "grant_number"("grant_id", "place");

-- Under which grant a unit was flashed, and on which of its places. Without a place: the place was another unit's.
ALTER TABLE "job" ADD COLUMN "grant_id" UUID, ADD COLUMN "grant_place" INTEGER;
ALTER TABLE "job" ADD CONSTRAINT "job_grant_id_fkey" FOREIGN KEY ("grant_id") REFERENCES "offline_grant"("id") ON DELETE RESTRICT ON UPDATE CASCADE;
CREATE UNIQUE INDEX "job_grant_id_grant_place_key" ON "job"("grant_id", "grant_place");

-- Places that open grants keep and no unit was told of.
ALTER TABLE "work_order" ADD COLUMN "reserved" INTEGER NOT NULL DEFAULT 0;

-- The order is the last row that is locked. A grant that is given finds room; one that ends, and a unit that is told of, free what they kept.
CREATE FUNCTION "keep_reserved"() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF TG_OP = 'INSERT' THEN
    UPDATE "work_order" SET "reserved" = "reserved" + NEW."units"
     WHERE "id" = NEW."work_order_id" AND "used" + "reserved" + NEW."units" <= "quantity" AND "state" = 'open' AND "release_id" = NEW."release_id";
    IF NOT FOUND THEN
      RAISE EXCEPTION 'the work order was changed meanwhile' USING ERRCODE = 'check_violation', CONSTRAINT = 'work_order_changed';
    END IF;
  ELSE
    UPDATE "work_order" SET "reserved" = "reserved"
         + CASE WHEN NEW."ended_at" IS NULL THEN NEW."units" - NEW."used" ELSE 0 END
         - CASE WHEN OLD."ended_at" IS NULL THEN OLD."units" - OLD."used" ELSE 0 END
     WHERE "id" = NEW."work_order_id";
  END IF;
  RETURN NULL;
END $$;
CREATE TRIGGER "grant_reserves" AFTER INSERT ON "offline_grant" FOR EACH ROW EXECUTE FUNCTION "keep_reserved"();
CREATE TRIGGER "grant_frees" AFTER UPDATE OF "used", "ended_at" ON "offline_grant" FOR EACH ROW
  WHEN (OLD."used" <> NEW."used" OR (OLD."ended_at" IS NULL) <> (NEW."ended_at" IS NULL)) EXECUTE FUNCTION "keep_reserved"();

-- A job under a grant tells of a unit that was flashed already: it is counted whatever became of its order. All others find a place that no grant keeps.
CREATE OR REPLACE FUNCTION "count_used"() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF TG_OP = 'INSERT' AND NEW."grant_id" IS NULL THEN
    UPDATE "work_order" SET "used" = "used" + 1
     WHERE "id" = NEW."work_order_id" AND "used" + "reserved" < "quantity" AND "state" = 'open'
       AND ("release_id" = NEW."release_id" OR EXISTS (SELECT FROM "canary" c
              WHERE c."release_id" = NEW."release_id" AND c."predecessor_id" = "work_order"."release_id"));
    IF NOT FOUND THEN
      IF EXISTS (SELECT FROM "work_order" w WHERE w."id" = NEW."work_order_id" AND (w."state" <> 'open' OR (w."release_id" <> NEW."release_id"
          AND NOT EXISTS (SELECT FROM "canary" c WHERE c."release_id" = NEW."release_id" AND c."predecessor_id" = w."release_id")))) THEN
        RAISE EXCEPTION 'the work order was changed meanwhile' USING ERRCODE = 'check_violation', CONSTRAINT = 'work_order_changed';
      END IF;
      RAISE EXCEPTION 'the work order has no unit left' USING ERRCODE = 'check_violation', CONSTRAINT = 'work_order_quantity';
    END IF;
  ELSIF NEW."state" IN ('QUEUED', 'OFFERED', 'LEASED', 'RUNNING', 'PASSED', 'UNKNOWN') THEN
    UPDATE "work_order" SET "used" = "used" + 1 WHERE "id" = NEW."work_order_id";
  ELSE
    UPDATE "work_order" SET "used" = "used" - 1 WHERE "id" = NEW."work_order_id";
  END IF;
  RETURN NULL;
END $$;
