-- Holds: what stands still because a person or a guard said so. One row a hold; lifting keeps it as history. "target_id" is the id of a host,
-- nest, station, line or unit; of a batch it is the product's, and "batch" its name.
CREATE TABLE "hold" (
    "id" UUID NOT NULL,
    "kind" TEXT NOT NULL,
    "target_id" UUID NOT NULL,
    "batch" TEXT NOT NULL DEFAULT '',
    "name" TEXT NOT NULL,
    "reason" TEXT NOT NULL,
    "origin" TEXT NOT NULL DEFAULT 'person',
    "set_by" TEXT NOT NULL,
    "set_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "lifted_by" TEXT,
    "lifted_at" TIMESTAMPTZ(3),
    "lift_reason" TEXT,

    CONSTRAINT "hold_pkey" PRIMARY KEY ("id")
);
-- One that is not lifted a target. Statements of the hot path look only here: the history does not slow them.
CREATE UNIQUE INDEX "hold_active" ON "hold"("target_id", "batch") WHERE "lifted_at" IS NULL;
CREATE INDEX "hold_set_at_id_idx" ON "hold"("set_at", "id");
CREATE INDEX "hold_target_id_batch_set_at_idx" ON "hold"("target_id", "batch", "set_at");

-- The host behind a nest, as its latest attempt showed it. Triggers keep it, so that no statement looks for that attempt.
ALTER TABLE "nest" ADD COLUMN "host_id" UUID;
ALTER TABLE "nest" ADD CONSTRAINT "nest_host_id_fkey" FOREIGN KEY ("host_id") REFERENCES "host"("id") ON DELETE SET NULL ON UPDATE CASCADE;
UPDATE "nest" n SET "host_id" = (SELECT a."host_id" FROM "attempt" a WHERE a."station_id" = n."station_id" AND a."nest_id" = n."id"
  ORDER BY a."received_at" DESC, a."id" DESC LIMIT 1);
CREATE FUNCTION "keep_host_of_nest"() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF TG_OP = 'INSERT' THEN
    UPDATE "nest" SET "host_id" = NEW."host_id" WHERE "id" = NEW."nest_id" AND "host_id" IS DISTINCT FROM NEW."host_id";
  ELSE
    UPDATE "nest" SET "host_id" = NEW."host_id" WHERE "id" = NEW."nest_id" AND "host_id" = OLD."host_id";
  END IF;
  RETURN NULL;
END $$;
CREATE TRIGGER "attempt_nest_added" AFTER INSERT ON "attempt" FOR EACH ROW EXECUTE FUNCTION "keep_host_of_nest"();
CREATE TRIGGER "attempt_nest_moved" AFTER UPDATE OF "host_id" ON "attempt" FOR EACH ROW
  WHEN (OLD."host_id" <> NEW."host_id") EXECUTE FUNCTION "keep_host_of_nest"();

-- What was switched off and quarantined becomes holds. From now on they are the only truth: a nest has no switch, a host's verdict is what
-- the judgement says.
INSERT INTO "hold" ("id", "kind", "target_id", "name", "reason", "set_by")
SELECT gen_random_uuid(), 'nest', n."id", s."name" || '/' || n."name", 'Taken out of use before holds had reasons.', 'unknown'
  FROM "nest" n JOIN "station" s ON s."id" = n."station_id" WHERE NOT n."enabled" AND n."port_path" NOT LIKE 'was %';
INSERT INTO "hold" ("id", "kind", "target_id", "name", "reason", "set_by", "set_at")
SELECT gen_random_uuid(), 'host', h."id", h."machine" || ' ' || h."pci_address", 'Quarantined before holds had reasons.',
       coalesce(h."quarantined_by", 'unknown'), coalesce(h."verdict_since", CURRENT_TIMESTAMP)
  FROM "host" h WHERE h."verdict" = 'QUARANTINED';
UPDATE "host" SET "verdict" = coalesce("statistics" -> 'grounds' ->> 'finding', 'NOT_ENOUGH_DATA') WHERE "verdict" = 'QUARANTINED';
ALTER TABLE "host" DROP COLUMN "quarantined_by";
ALTER TABLE "host" ADD CONSTRAINT "host_verdict_judged" CHECK ("verdict" <> 'QUARANTINED');
ALTER TABLE "nest" DROP COLUMN "enabled";

-- How often a unit may fail at a step, and what people did about its failures.
ALTER TABLE "product" ADD COLUMN "retest_limit" INTEGER NOT NULL DEFAULT 3;
CREATE TABLE "rework" (
    "id" UUID NOT NULL,
    "unit_id" UUID NOT NULL,
    "kind" TEXT NOT NULL,
    "attempt_id" UUID,
    "what" TEXT NOT NULL,
    "done_by" TEXT NOT NULL,
    "at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "rework_pkey" PRIMARY KEY ("id")
);
ALTER TABLE "rework" ADD CONSTRAINT "rework_unit_id_fkey" FOREIGN KEY ("unit_id") REFERENCES "unit"("id") ON DELETE RESTRICT ON UPDATE CASCADE;
ALTER TABLE "rework" ADD CONSTRAINT "rework_attempt_id_fkey" FOREIGN KEY ("attempt_id") REFERENCES "attempt"("id") ON DELETE SET NULL ON UPDATE CASCADE;
CREATE INDEX "rework_unit_id_at_id_idx" ON "rework"("unit_id", "at", "id");
CREATE INDEX "unit_product_id_batch_idx" ON "unit"("product_id", "batch");
