-- Who may do what. A person may have no password: they work by badge. In the plant that is named their badge counts; without one, in all plants.
ALTER TABLE "person" ALTER COLUMN "password_hash" DROP NOT NULL;
ALTER TABLE "person" ADD COLUMN "plant_id" UUID;
ALTER TABLE "person" ADD CONSTRAINT "person_plant_id_fkey" FOREIGN KEY ("plant_id") REFERENCES "plant"("id") ON DELETE SET NULL ON UPDATE CASCADE;

-- Names that a person had before. The ledger knows the person's older deeds under them, and erasing the person erases them too.
CREATE TABLE "former_name" (
    "name" TEXT NOT NULL,
    "person_id" UUID NOT NULL,
    "until" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "former_name_pkey" PRIMARY KEY ("name")
);
ALTER TABLE "former_name" ADD CONSTRAINT "former_name_person_id_fkey" FOREIGN KEY ("person_id") REFERENCES "person"("id") ON DELETE CASCADE ON UPDATE CASCADE;
CREATE INDEX "former_name_person_id_idx" ON "former_name"("person_id");

ALTER TABLE "session" ADD COLUMN "address" TEXT,
                      ADD COLUMN "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
                      ADD COLUMN "last_used_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP;
CREATE INDEX "session_person_id_idx" ON "session"("person_id");

-- Who made a token. It ends when that person is disabled or is no admin any more.
ALTER TABLE "api_token" ADD COLUMN "person_id" UUID,
                        ADD COLUMN "created_by" TEXT NOT NULL DEFAULT 'unknown';
ALTER TABLE "api_token" ADD CONSTRAINT "api_token_person_id_fkey" FOREIGN KEY ("person_id") REFERENCES "person"("id") ON DELETE SET NULL ON UPDATE CASCADE;
CREATE INDEX "api_token_person_id_idx" ON "api_token"("person_id");

-- Keys by which badges are known, one a generation. The keys themselves are made from the server's own key; here is only which ones count.
CREATE TABLE "badge_key" (
    "generation" INTEGER NOT NULL,
    "reason" TEXT NOT NULL DEFAULT '',
    "made_by" TEXT NOT NULL DEFAULT 'system',
    "made_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "retired_at" TIMESTAMPTZ(3),

    CONSTRAINT "badge_key_pkey" PRIMARY KEY ("generation")
);

-- A person's badge, known by a keyed digest of its content, which is stored nowhere. "key_id" tells with which key.
CREATE TABLE "badge" (
    "id" UUID NOT NULL,
    "person_id" UUID NOT NULL,
    "generation" INTEGER NOT NULL,
    "key_id" TEXT NOT NULL,
    "digest" TEXT NOT NULL,
    "given_by" TEXT NOT NULL,
    "given_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "last_used_at" TIMESTAMPTZ(3),
    "ended_by" TEXT,
    "ended_at" TIMESTAMPTZ(3),
    "ended_as" TEXT,
    "end_reason" TEXT,

    CONSTRAINT "badge_pkey" PRIMARY KEY ("id")
);
ALTER TABLE "badge" ADD CONSTRAINT "badge_person_id_fkey" FOREIGN KEY ("person_id") REFERENCES "person"("id") ON DELETE CASCADE ON UPDATE CASCADE;
ALTER TABLE "badge" ADD CONSTRAINT "badge_generation_fkey" FOREIGN KEY ("generation") REFERENCES "badge_key"("generation") ON DELETE RESTRICT ON UPDATE CASCADE;
-- One badge a person, one person a badge.
CREATE UNIQUE INDEX "badge_of_person" ON "badge"("person_id") WHERE "ended_at" IS NULL;
CREATE UNIQUE INDEX "badge_known" ON "badge"("key_id", "digest") WHERE "ended_at" IS NULL;
CREATE INDEX "badge_key_id_digest_idx" ON "badge"("key_id", "digest");
CREATE INDEX "badge_person_id_idx" ON "badge"("person_id");
CREATE INDEX "badge_generation_idx" ON "badge"("generation");
