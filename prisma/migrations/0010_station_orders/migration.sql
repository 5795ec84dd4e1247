-- A station holds several orders. The lowest priority comes first, then what was set first.
CREATE TABLE "station_order" (
    "station_id" UUID NOT NULL,
    "work_order_id" UUID NOT NULL,
    "priority" INTEGER NOT NULL DEFAULT 100,
    "set_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "station_order_pkey" PRIMARY KEY ("station_id", "work_order_id")
);
CREATE INDEX "station_order_work_order_id_idx" ON "station_order"("work_order_id");
ALTER TABLE "station_order" ADD CONSTRAINT "station_order_station_id_fkey" FOREIGN KEY ("station_id") REFERENCES "station"("id") ON DELETE RESTRICT ON UPDATE CASCADE;
ALTER TABLE "station_order" ADD CONSTRAINT "station_order_work_order_id_fkey" FOREIGN KEY ("work_order_id") REFERENCES "work_order"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

INSERT INTO "station_order" ("station_id", "work_order_id")
SELECT s."id", w."id" FROM "station" s JOIN "work_order" w ON w."id" = s."active_work_order_id" WHERE w."state" = 'open';
ALTER TABLE "station" DROP COLUMN "active_work_order_id";

-- The order that a serial list names for a unit: no other one takes it while that order is open.
ALTER TABLE "unit" ADD COLUMN "work_order_id" UUID;
ALTER TABLE "unit" ADD CONSTRAINT "unit_work_order_id_fkey" FOREIGN KEY ("work_order_id") REFERENCES "work_order"("id") ON DELETE SET NULL ON UPDATE CASCADE;

-- An order that was closed, or got another release, a moment ago takes no job that was decided before.
CREATE OR REPLACE FUNCTION "count_used"() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF TG_OP = 'INSERT' THEN
    UPDATE "work_order" SET "used" = "used" + 1
     WHERE "id" = NEW."work_order_id" AND "used" < "quantity" AND "state" = 'open' AND "release_id" = NEW."release_id";
    IF NOT FOUND THEN
      IF EXISTS (SELECT FROM "work_order" WHERE "id" = NEW."work_order_id" AND ("state" <> 'open' OR "release_id" <> NEW."release_id")) THEN
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
