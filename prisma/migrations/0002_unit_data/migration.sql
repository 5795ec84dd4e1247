-- AlterTable
ALTER TABLE "release" ADD COLUMN     "recipe" JSONB;

-- AlterTable
ALTER TABLE "attempt" ADD COLUMN     "patch" JSONB;

-- CreateTable
CREATE TABLE "number_range" (
    "id" UUID NOT NULL,
    "product_id" UUID NOT NULL,
    "name" TEXT NOT NULL,
    "kind" TEXT NOT NULL,
    "first" BIGINT NOT NULL,
    "last" BIGINT NOT NULL,
    "next" BIGINT NOT NULL,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "created_by" TEXT NOT NULL,

    CONSTRAINT "number_range_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "unit_number" (
    "unit_id" UUID NOT NULL,
    "product_id" UUID NOT NULL,
    "name" TEXT NOT NULL,
    "value" BIGINT NOT NULL,
    "allotted_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "unit_number_pkey" PRIMARY KEY ("unit_id","name")
);

-- CreateTable
CREATE TABLE "unit_value" (
    "unit_id" UUID NOT NULL,
    "name" TEXT NOT NULL,
    "value" TEXT NOT NULL,
    "given_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "given_by" TEXT NOT NULL,

    CONSTRAINT "unit_value_pkey" PRIMARY KEY ("unit_id","name")
);

-- CreateTable
CREATE TABLE "unit_secret" (
    "unit_id" UUID NOT NULL,
    "name" TEXT NOT NULL,
    "sealed" BYTEA NOT NULL,
    "expires_at" TIMESTAMPTZ(3) NOT NULL,
    "given_by" TEXT NOT NULL,

    CONSTRAINT "unit_secret_pkey" PRIMARY KEY ("unit_id","name")
);

-- CreateTable
CREATE TABLE "transcript" (
    "attempt_id" UUID NOT NULL,
    "bytes" INTEGER NOT NULL,
    "gzip" BYTEA NOT NULL,
    "stored" INTEGER NOT NULL,
    "received_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "transcript_pkey" PRIMARY KEY ("attempt_id")
);

-- CreateIndex
CREATE INDEX "number_range_product_id_name_idx" ON "number_range"("product_id", "name");

-- CreateIndex
CREATE UNIQUE INDEX "unit_number_product_id_name_value_key" ON "unit_number"("product_id", "name", "value");

-- CreateIndex
CREATE INDEX "unit_secret_expires_at_idx" ON "unit_secret"("expires_at");

-- CreateIndex
CREATE INDEX "transcript_received_at_idx" ON "transcript"("received_at");

-- AddForeignKey
ALTER TABLE "number_range" ADD CONSTRAINT "number_range_product_id_fkey" FOREIGN KEY ("product_id") REFERENCES "product"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "unit_number" ADD CONSTRAINT "unit_number_unit_id_fkey" FOREIGN KEY ("unit_id") REFERENCES "unit"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "unit_number" ADD CONSTRAINT "unit_number_product_id_fkey" FOREIGN KEY ("product_id") REFERENCES "product"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "unit_value" ADD CONSTRAINT "unit_value_unit_id_fkey" FOREIGN KEY ("unit_id") REFERENCES "unit"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "unit_secret" ADD CONSTRAINT "unit_secret_unit_id_fkey" FOREIGN KEY ("unit_id") REFERENCES "unit"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "transcript" ADD CONSTRAINT "transcript_attempt_id_fkey" FOREIGN KEY ("attempt_id") REFERENCES "attempt"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- What the datamodel cannot say.

-- Releases from before have a recipe of three keys at most; they stand in the manifest that was signed.
UPDATE "release" r SET "recipe" = jsonb_build_object(
    'remainder', coalesce(m."recipe" ->> 'remainder', 'discard'),
    'profile', coalesce(m."recipe" ->> 'profile', 'standard'),
    'leave', coalesce((m."recipe" ->> 'leave')::boolean, true),
    'expectAfterLeave', NULL, 'withinSeconds', NULL, 'expectOptions', '{}'::jsonb, 'fields', '[]'::jsonb)
  -- Escapes that JSON allows and PostgreSQL refuses may stand anywhere in a manifest; what is read here has none.
  FROM (SELECT "id", regexp_replace(convert_from("manifest", 'UTF8'),
          '\\u(0000|[dD][89a-fA-F][0-9a-fA-F]{2})', '\\ufffd', 'g')::json -> 'recipe' AS "recipe" FROM "release") m
 WHERE m."id" = r."id";
ALTER TABLE "release" ALTER COLUMN "recipe" SET NOT NULL;

ALTER TABLE "number_range" ADD CONSTRAINT "number_range_kind_known" CHECK ("kind" IN ('counter', 'mac'));
ALTER TABLE "number_range" ADD CONSTRAINT "number_range_in_order"
  CHECK (0 <= "first" AND "first" <= "next" AND "next" <= "last" + 1 AND "last" < 9007199254740992);
-- A MAC address belongs to one unit in the world, not to one of each product.
ALTER TABLE "number_range" ADD CONSTRAINT "number_range_mac_once"
  EXCLUDE USING gist (int8range("first", "last", '[]') WITH &&) WHERE ("kind" = 'mac');

-- What a scan takes from a release is as fixed as the bytes that it was read from.
CREATE OR REPLACE FUNCTION "refuse_release_change"() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF (OLD."manifest", OLD."signature", OLD."key_id", OLD."product_id", OLD."version", OLD."counter", OLD."recipe")
     IS DISTINCT FROM
     (NEW."manifest", NEW."signature", NEW."key_id", NEW."product_id", NEW."version", NEW."counter", NEW."recipe") THEN
    RAISE EXCEPTION 'a release''s content is fixed' USING ERRCODE = 'insufficient_privilege';
  END IF;
  RETURN NEW;
END $$;
