-- One index for each way in which the ledger is searched; each ends in the position, so that a page goes on where the last one ended.
CREATE INDEX "ledger_kind_position_idx" ON "ledger"("kind", "position");
CREATE INDEX "ledger_subject_kind_subject_id_position_idx" ON "ledger"("subject_kind", "subject_id", "position");
CREATE INDEX "ledger_subject_name_position_idx" ON "ledger"("subject_name", "position");
CREATE INDEX "ledger_at_idx" ON "ledger"("at");
-- A person is found by the id of their name, everybody else by name.
CREATE INDEX "ledger_who" ON "ledger"("who_kind", (coalesce("who_name", "who_id"::text)), "position");
