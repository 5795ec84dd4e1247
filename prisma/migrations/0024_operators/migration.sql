-- How people work at a plant's stations, where the server's default does not hold; a station may differ from its plant.
ALTER TABLE "plant" ADD COLUMN "operators" JSONB NOT NULL DEFAULT '{}';
ALTER TABLE "station" ADD COLUMN "operators" JSONB NOT NULL DEFAULT '{}';

-- Who was logged in at the station when an attempt was started. No foreign key: who is erased leaves their attempts under this id.
ALTER TABLE "attempt" ADD COLUMN "operator_id" UUID;
CREATE INDEX "attempt_of_operator" ON "attempt"("operator_id", "received_at", "id") WHERE "operator_id" IS NOT NULL;
