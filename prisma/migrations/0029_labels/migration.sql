-- The label of a product's units: ZPL with placeholders, and what the printed label must say when it is scanned.
ALTER TABLE "product" ADD COLUMN "label_template" TEXT,
ADD COLUMN "label_scan_back" TEXT;

-- What became of an attempt's label, as its station tells it. No foreign key for the person: who is erased leaves their deeds under this id.
CREATE TABLE "label_entry" (
    "attempt_id" UUID NOT NULL,
    "n" INTEGER NOT NULL,
    "unit_id" UUID NOT NULL,
    "at" TIMESTAMPTZ(3) NOT NULL,
    "deed" TEXT NOT NULL,
    "reason" TEXT,
    "scanned" TEXT,
    "operator_id" UUID,
    "received_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "label_entry_pkey" PRIMARY KEY ("attempt_id","n")
);
CREATE INDEX "label_entry_unit_id_at_n_idx" ON "label_entry"("unit_id", "at", "n");
ALTER TABLE "label_entry" ADD CONSTRAINT "label_entry_attempt_id_fkey" FOREIGN KEY ("attempt_id") REFERENCES "attempt"("id") ON DELETE RESTRICT ON UPDATE CASCADE;
ALTER TABLE "label_entry" ADD CONSTRAINT "label_entry_unit_id_fkey" FOREIGN KEY ("unit_id") REFERENCES "unit"("id") ON DELETE RESTRICT ON UPDATE CASCADE;
