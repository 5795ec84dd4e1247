-- What a shift of a line is to make, of one product or of whatever it makes.
CREATE TABLE "shift_plan" (
    "id" UUID NOT NULL,
    "line_id" UUID NOT NULL,
    "day" DATE NOT NULL,
    "shift" TEXT NOT NULL,
    "product_id" UUID,
    "units" INTEGER NOT NULL,
    "set_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "shift_plan_pkey" PRIMARY KEY ("id"),
    CONSTRAINT "shift_plan_units" CHECK ("units" > 0)
);
CREATE INDEX "shift_plan_day_id_idx" ON "shift_plan"("day", "id");
CREATE INDEX "shift_plan_line_id_day_idx" ON "shift_plan"("line_id", "day");
-- A shift has one plan for each product. The datamodel cannot say that two empty products are the same.
CREATE UNIQUE INDEX "shift_plan_once" ON "shift_plan"("line_id", "day", "shift", coalesce("product_id", '00000000-0000-0000-0000-000000000000'));
ALTER TABLE "shift_plan" ADD CONSTRAINT "shift_plan_line_id_fkey" FOREIGN KEY ("line_id") REFERENCES "line"("id") ON DELETE RESTRICT ON UPDATE CASCADE;
ALTER TABLE "shift_plan" ADD CONSTRAINT "shift_plan_product_id_fkey" FOREIGN KEY ("product_id") REFERENCES "product"("id") ON DELETE SET NULL ON UPDATE CASCADE;
