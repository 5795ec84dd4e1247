-- A signed statement that lifts refusals of one release for some units, for some time. It names the release by its manifest, which may not be
-- published yet. Rows stay: a statement that was withdrawn cannot be added again.
CREATE TABLE "release_exception" (
    "id" UUID NOT NULL,
    "product_id" UUID NOT NULL,
    "version" TEXT NOT NULL,
    "manifest_sha256" TEXT NOT NULL,
    "lifts" TEXT[] NOT NULL,
    "serials" TEXT[] NOT NULL,
    "units" INTEGER NOT NULL,
    "used" INTEGER NOT NULL DEFAULT 0,
    "plant" TEXT,
    "stations" TEXT[] NOT NULL,
    "reason" TEXT NOT NULL,
    "valid_from" TIMESTAMPTZ(3) NOT NULL,
    "valid_until" TIMESTAMPTZ(3) NOT NULL,
    "statement" BYTEA NOT NULL,
    "signature" TEXT NOT NULL,
    "key_id" TEXT NOT NULL,
    "added_by" TEXT NOT NULL,
    "added_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "withdrawn_by" TEXT,
    "withdrawn_at" TIMESTAMPTZ(3),
    "withdrawn_reason" TEXT,

    CONSTRAINT "release_exception_pkey" PRIMARY KEY ("id"),
    CONSTRAINT "release_exception_units" CHECK ("units" > 0 AND "used" BETWEEN 0 AND "units")
);
ALTER TABLE "release_exception" ADD CONSTRAINT "release_exception_product_id_fkey" FOREIGN KEY ("product_id") REFERENCES "product"("id") ON DELETE RESTRICT ON UPDATE CASCADE;
CREATE INDEX "release_exception_manifest_sha256_idx" ON "release_exception"("manifest_sha256");
CREATE INDEX "release_exception_added_at_id_idx" ON "release_exception"("added_at", "id");

-- Units that were started under one, with the attempt that was the first.
CREATE TABLE "exception_unit" (
    "exception_id" UUID NOT NULL,
    "unit_id" UUID NOT NULL,
    "attempt_id" UUID NOT NULL,
    "at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "exception_unit_pkey" PRIMARY KEY ("exception_id", "unit_id")
);
ALTER TABLE "exception_unit" ADD CONSTRAINT "exception_unit_exception_id_fkey" FOREIGN KEY ("exception_id") REFERENCES "release_exception"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- Under which exception a job was made and an attempt was started.
ALTER TABLE "job" ADD COLUMN "exception_id" UUID;
ALTER TABLE "job" ADD CONSTRAINT "job_exception_id_fkey" FOREIGN KEY ("exception_id") REFERENCES "release_exception"("id") ON DELETE SET NULL ON UPDATE CASCADE;
ALTER TABLE "attempt" ADD COLUMN "exception_id" UUID;
ALTER TABLE "attempt" ADD CONSTRAINT "attempt_exception_id_fkey" FOREIGN KEY ("exception_id") REFERENCES "release_exception"("id") ON DELETE SET NULL ON UPDATE CASCADE;

-- A release that was published under an exception although its counter was used. It is never released; all others keep the one order of counters.
ALTER TABLE "release" ADD COLUMN "counter_excepted" BOOLEAN NOT NULL DEFAULT false;
DROP INDEX "release_product_id_counter_key";
CREATE INDEX "release_product_id_counter_idx" ON "release"("product_id", "counter");
CREATE UNIQUE INDEX "release_counter_once" ON "release"("product_id", "counter") WHERE NOT "counter_excepted";
