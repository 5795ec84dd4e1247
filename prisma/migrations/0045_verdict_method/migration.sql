-- By which method the verdict's state was worked out, and by which transaction last: a server of before that runs beside a new one writes neither.
-- replay: what is read is known already, and its steps stay as they were decided then.
ALTER TABLE "verdict_progress"
  ADD COLUMN "method" INTEGER NOT NULL DEFAULT 0,
  ADD COLUMN "method_turn" BIGINT NOT NULL DEFAULT 0,
  ADD COLUMN "replay" BOOLEAN NOT NULL DEFAULT false;
UPDATE "verdict_progress" SET "method" = 1, "method_turn" = "turn" WHERE "turn" > 0;
