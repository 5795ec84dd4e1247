-- A product that takes no new orders. What was ordered goes on.
ALTER TABLE "product" ADD COLUMN "retired_at" TIMESTAMPTZ(3);
