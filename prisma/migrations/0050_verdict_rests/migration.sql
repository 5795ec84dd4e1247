-- The verdict's third method: R grows up to 500 by blocks that say nothing. Servers of before end by this step, so that they do not take turns with the new ones.
COMMENT ON COLUMN "verdict_progress"."method" IS '0: nothing worked out yet; 1: until 0044; 2: boards that fail together; 3: R rests at 500';
