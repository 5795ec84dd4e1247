-- Safe while the old server runs: it is a new table.
-- CreateTable
CREATE TABLE "golden_transcript" (
    "check_id" UUID NOT NULL,
    "bytes" INTEGER NOT NULL,
    "gzip" BYTEA NOT NULL,
    "stored" INTEGER NOT NULL,
    "received_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "golden_transcript_pkey" PRIMARY KEY ("check_id")
);

-- CreateIndex
CREATE INDEX "golden_transcript_received_at_idx" ON "golden_transcript"("received_at");

-- AddForeignKey
ALTER TABLE "golden_transcript" ADD CONSTRAINT "golden_transcript_check_id_fkey" FOREIGN KEY ("check_id") REFERENCES "golden_check"("id") ON DELETE RESTRICT ON UPDATE CASCADE;
