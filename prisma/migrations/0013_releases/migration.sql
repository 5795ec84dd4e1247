-- A release that only named stations and a first number of units get, instead of the release that their order names. One row a release that
-- ever was a canary; it stays as history. The release's own state says whether it goes on: "canary" or "paused".
CREATE TABLE "canary" (
    "release_id" UUID NOT NULL,
    "predecessor_id" UUID NOT NULL,
    "station_ids" UUID[] NOT NULL,
    "units" INTEGER NOT NULL,
    "used" INTEGER NOT NULL DEFAULT 0,
    "reason" TEXT NOT NULL,
    "started_by" TEXT NOT NULL,
    "started_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "paused_by" TEXT,
    "paused_origin" TEXT,
    "paused_reason" TEXT,
    "paused_at" TIMESTAMPTZ(3),
    "judged_since" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "read_until" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "blocks" INTEGER NOT NULL DEFAULT 0,
    "units_judged" INTEGER NOT NULL DEFAULT 0,
    "units_failed" INTEGER NOT NULL DEFAULT 0,
    "others_judged" INTEGER NOT NULL DEFAULT 0,
    "others_failed" INTEGER NOT NULL DEFAULT 0,
    "expected" DOUBLE PRECISION NOT NULL DEFAULT 0,
    "evidence" DOUBLE PRECISION[] NOT NULL DEFAULT ARRAY[]::DOUBLE PRECISION[],

    CONSTRAINT "canary_pkey" PRIMARY KEY ("release_id")
);
ALTER TABLE "canary" ADD CONSTRAINT "canary_release_id_fkey" FOREIGN KEY ("release_id") REFERENCES "release"("id") ON DELETE CASCADE ON UPDATE CASCADE;
ALTER TABLE "canary" ADD CONSTRAINT "canary_predecessor_id_fkey" FOREIGN KEY ("predecessor_id") REFERENCES "release"("id") ON DELETE RESTRICT ON UPDATE CASCADE;
CREATE INDEX "canary_predecessor_id_idx" ON "canary"("predecessor_id");
-- One at a time a product: a unit cannot be in two.
CREATE UNIQUE INDEX "release_canary_once" ON "release"("product_id") WHERE "state" IN ('canary', 'paused');

-- Units that have one of its places.
CREATE TABLE "canary_unit" (
    "release_id" UUID NOT NULL,
    "unit_id" UUID NOT NULL,
    "taken_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "canary_unit_pkey" PRIMARY KEY ("release_id", "unit_id")
);
ALTER TABLE "canary_unit" ADD CONSTRAINT "canary_unit_release_id_fkey" FOREIGN KEY ("release_id") REFERENCES "canary"("release_id") ON DELETE CASCADE ON UPDATE CASCADE;

-- First tries of units with the canary or its predecessor, as they are judged. "block" is null until they are; 0 for those of before a resumption.
CREATE TABLE "canary_trial" (
    "release_id" UUID NOT NULL,
    "unit_id" UUID NOT NULL,
    "attempt_id" UUID NOT NULL,
    "is_canary" BOOLEAN NOT NULL,
    "failed" BOOLEAN NOT NULL,
    "at" TIMESTAMPTZ(3) NOT NULL,
    "block" INTEGER,

    CONSTRAINT "canary_trial_pkey" PRIMARY KEY ("release_id", "unit_id")
);
ALTER TABLE "canary_trial" ADD CONSTRAINT "canary_trial_release_id_fkey" FOREIGN KEY ("release_id") REFERENCES "canary"("release_id") ON DELETE CASCADE ON UPDATE CASCADE;
CREATE INDEX "canary_trial_release_id_is_canary_at_idx" ON "canary_trial"("release_id", "is_canary", "at");

-- A job may have its order's release, or the canary of which that release is the predecessor.
CREATE OR REPLACE FUNCTION "count_used"() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF TG_OP = 'INSERT' THEN
    UPDATE "work_order" SET "used" = "used" + 1
     WHERE "id" = NEW."work_order_id" AND "used" < "quantity" AND "state" = 'open'
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

-- A canary gives no more places than it has, however many stations ask at once: who takes one holds the canary's row until the end of its
-- transaction. State and stations are read again under that lock, because who changes them takes it too. One that was promoted meanwhile needs
-- no place. Jobs of all other releases pay for one look at their release.
CREATE FUNCTION "take_canary_place"() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF NOT EXISTS (SELECT FROM "release" WHERE "id" = NEW."release_id" AND "state" IN ('canary', 'paused')) THEN
    RETURN NULL;
  END IF;
  PERFORM FROM "canary" WHERE "release_id" = NEW."release_id" FOR NO KEY UPDATE;
  IF EXISTS (SELECT FROM "release" WHERE "id" = NEW."release_id" AND "state" = 'released') THEN
    RETURN NULL;
  END IF;
  IF NOT EXISTS (SELECT FROM "canary" c JOIN "release" r ON r."id" = c."release_id"
      WHERE c."release_id" = NEW."release_id" AND r."state" = 'canary' AND NEW."station_id" = ANY(c."station_ids")) THEN
    RAISE EXCEPTION 'the canary was changed meanwhile' USING ERRCODE = 'check_violation', CONSTRAINT = 'canary_changed';
  END IF;
  IF EXISTS (SELECT FROM "canary_unit" WHERE "release_id" = NEW."release_id" AND "unit_id" = NEW."unit_id") THEN
    RETURN NULL;
  END IF;
  UPDATE "canary" SET "used" = "used" + 1 WHERE "release_id" = NEW."release_id" AND "used" < "units";
  IF NOT FOUND THEN
    RAISE EXCEPTION 'the canary has no unit left' USING ERRCODE = 'check_violation', CONSTRAINT = 'canary_changed';
  END IF;
  INSERT INTO "canary_unit" ("release_id", "unit_id") VALUES (NEW."release_id", NEW."unit_id");
  RETURN NULL;
END $$;
CREATE TRIGGER "job_canary_added" AFTER INSERT ON "job" FOR EACH ROW EXECUTE FUNCTION "take_canary_place"();

-- How many units of an order's list are of other boards is asked before a release is given to it.
CREATE INDEX "unit_listed" ON "unit"("work_order_id") WHERE "work_order_id" IS NOT NULL;

ALTER TABLE "release" DROP CONSTRAINT "release_state_known";
ALTER TABLE "release" ADD CONSTRAINT "release_state_known" CHECK ("state" IN ('draft', 'canary', 'paused', 'released', 'revoked'));
