-- The verdict on hosts learns from each result once, in the ledger's order (docs/verdict.md). What it has learned is kept here; the server
-- builds it from what there is when it starts for the first time.

-- One row: how far the ledger has been read, and the results from before there was one.
CREATE TABLE "verdict_progress" (
    "id" INTEGER NOT NULL DEFAULT 1,
    "position" BIGINT NOT NULL DEFAULT 0,
    "history_at" TIMESTAMPTZ(3),
    "history_id" UUID,
    "history_until" TIMESTAMPTZ(3),
    "history_done" BOOLEAN NOT NULL DEFAULT false,
    "silent_until" BIGINT NOT NULL DEFAULT 0,
    "at" BIGINT NOT NULL DEFAULT 0,
    "turn" BIGINT NOT NULL DEFAULT 0,
    "worker" TEXT,
    "worked_at" TIMESTAMPTZ(3),

    CONSTRAINT "verdict_progress_pkey" PRIMARY KEY ("id")
);
INSERT INTO "verdict_progress" ("id") VALUES (1);

-- All that the detector keeps: hosts, groups that are judged, open blocks, the rate of the plant. Rows change with every result.
CREATE TABLE "verdict_state" (
    "population" TEXT NOT NULL,
    "kind" TEXT NOT NULL,
    "name" TEXT NOT NULL,
    "state" JSONB NOT NULL,
    "lessons" INTEGER NOT NULL DEFAULT 0,
    "compared" INTEGER NOT NULL DEFAULT 0,

    CONSTRAINT "verdict_state_pkey" PRIMARY KEY ("population", "kind", "name")
);
ALTER TABLE "verdict_state" SET (fillfactor = 50, autovacuum_vacuum_scale_factor = 0.05);

-- What each block taught about a host, a PC, a model or a release: the latest ones of each.
CREATE TABLE "verdict_lesson" (
    "level" TEXT NOT NULL,
    "name" TEXT NOT NULL,
    "population" TEXT NOT NULL,
    "number" INTEGER NOT NULL,
    "at" TIMESTAMPTZ(3) NOT NULL,
    "n" INTEGER NOT NULL,
    "y" INTEGER NOT NULL,
    "m" INTEGER NOT NULL,
    "c" INTEGER NOT NULL,
    "r" DOUBLE PRECISION NOT NULL,
    "d" DOUBLE PRECISION NOT NULL,
    "rung" TEXT NOT NULL,

    CONSTRAINT "verdict_lesson_pkey" PRIMARY KEY ("level", "name", "population", "number")
);

-- Steps of the ladder, with the evidence as it was then. Nothing changes or removes them.
CREATE TABLE "verdict_step" (
    "id" UUID NOT NULL,
    "population" TEXT NOT NULL,
    "level" TEXT NOT NULL,
    "name" TEXT NOT NULL,
    "from_rung" TEXT NOT NULL,
    "to_rung" TEXT NOT NULL,
    "at" TIMESTAMPTZ(3) NOT NULL,
    "evidence" JSONB NOT NULL,

    CONSTRAINT "verdict_step_pkey" PRIMARY KEY ("id")
);
CREATE INDEX "verdict_step_level_name_at_id_idx" ON "verdict_step"("level", "name", "at", "id");
CREATE TRIGGER "verdict_step_append_only" BEFORE UPDATE OR DELETE ON "verdict_step"
  FOR EACH ROW EXECUTE FUNCTION "refuse_change"();
