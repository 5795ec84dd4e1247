-- What a result says that its job does not: such a result is evidence and settles nothing as passed.
ALTER TABLE "attempt" ADD COLUMN "contradictions" TEXT[] DEFAULT ARRAY[]::TEXT[];
ALTER TABLE "attempt" ALTER COLUMN "contradictions" SET NOT NULL;

-- Log-ins and enrolments that were tried, for all replicas. Worth nothing after a crash, so that it costs no write-ahead log.
CREATE UNLOGGED TABLE "tries" (
    "key" TEXT NOT NULL,
    "count" INTEGER NOT NULL,
    "ends_at" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "tries_pkey" PRIMARY KEY ("key")
);
