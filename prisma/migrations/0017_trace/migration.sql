-- Which units were touched in a stretch of time. Attempts are added in the order of this time, so that the smallest kind of index finds
-- them, and a new attempt costs nothing.
CREATE INDEX "attempt_accepted_at" ON "attempt" USING brin ("accepted_at") WITH (autosummarize = on, pages_per_range = 32);
