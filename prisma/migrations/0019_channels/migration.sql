-- A named line of a product's releases. An order that follows one still names a release: moving the channel gives all its open orders another
-- one in the same transaction, so that whatever looks at an order sees one release and nothing else.
CREATE TABLE "channel" (
    "id" UUID NOT NULL,
    "product_id" UUID NOT NULL,
    "name" TEXT NOT NULL,
    "release_id" UUID,
    "reason" TEXT NOT NULL,
    "created_by" TEXT NOT NULL,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "moved_by" TEXT,
    "moved_at" TIMESTAMPTZ(3),

    CONSTRAINT "channel_pkey" PRIMARY KEY ("id")
);
ALTER TABLE "channel" ADD CONSTRAINT "channel_product_id_fkey" FOREIGN KEY ("product_id") REFERENCES "product"("id") ON DELETE RESTRICT ON UPDATE CASCADE;
ALTER TABLE "channel" ADD CONSTRAINT "channel_release_id_fkey" FOREIGN KEY ("release_id") REFERENCES "release"("id") ON DELETE SET NULL ON UPDATE CASCADE;
CREATE UNIQUE INDEX "channel_product_id_name_key" ON "channel"("product_id", "name");
CREATE INDEX "channel_release_id_idx" ON "channel"("release_id");

-- A closed order of a channel that is removed follows none.
ALTER TABLE "work_order" ADD COLUMN "channel_id" UUID;
ALTER TABLE "work_order" ADD CONSTRAINT "work_order_channel_id_fkey" FOREIGN KEY ("channel_id") REFERENCES "channel"("id") ON DELETE SET NULL ON UPDATE CASCADE;
CREATE INDEX "work_order_channel_id_idx" ON "work_order"("channel_id");

-- A key that is replaced takes no new releases from a time on; what it released stays good. A revoked one is in wrong hands.
ALTER TABLE "signing_key" ADD COLUMN "retires_at" TIMESTAMPTZ(3),
                          ADD COLUMN "revoked_reason" TEXT;
CREATE INDEX "release_key_id_idx" ON "release"("key_id");
