-- Attempts of a stretch of time in the order in which they began: yields and lists ask for them by the page. An index of ranges finds
-- the stretch, but has no order.
DROP INDEX "attempt_accepted_at";
CREATE INDEX "attempt_accepted_at_id_idx" ON "attempt"("accepted_at", "id");

-- What became of units after their first try: few attempts, looked for from the beginning of a stretch until now.
CREATE INDEX "attempt_again" ON "attempt"("accepted_at", "unit_id") WHERE NOT "first" AND "received_at" IS NOT NULL;
