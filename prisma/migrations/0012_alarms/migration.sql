-- Alarms: what needs a person, from its cause to the end of it.

-- How a rule is set where somebody changed it. "scope" is a plant's id; all zeros stand for the whole server.
CREATE TABLE "alarm_rule" (
    "scope" UUID NOT NULL,
    "rule" TEXT NOT NULL,
    "enabled" BOOLEAN NOT NULL DEFAULT true,
    "settings" JSONB NOT NULL DEFAULT '{}',
    "changed_by" TEXT NOT NULL,
    "changed_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "alarm_rule_pkey" PRIMARY KEY ("scope", "rule")
);

CREATE TABLE "alarm" (
    "id" UUID NOT NULL,
    "rule" TEXT NOT NULL,
    "scope" UUID NOT NULL,
    "subject_kind" TEXT NOT NULL,
    "subject_id" TEXT NOT NULL,
    "subject_name" TEXT NOT NULL,
    "station_id" UUID,
    "parameters" JSONB NOT NULL DEFAULT '{}',
    "raised_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "raised_by" TEXT NOT NULL,
    "seen_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "taken_by" TEXT,
    "taken_at" TIMESTAMPTZ(3),
    "overdue_at" TIMESTAMPTZ(3),
    "gone_since" TIMESTAMPTZ(3),
    "recovered_at" TIMESTAMPTZ(3),
    "recovered_why" TEXT,
    "recovered_by" TEXT,

    CONSTRAINT "alarm_pkey" PRIMARY KEY ("id")
);
-- One alarm an incident, whichever replica finds it. Whoever looks for open ones looks here only: the history does not slow them.
CREATE UNIQUE INDEX "alarm_open" ON "alarm"("rule", "scope", "subject_id") WHERE "recovered_at" IS NULL;
CREATE INDEX "alarm_raised_at_id_idx" ON "alarm"("raised_at", "id");

-- What a station said last of results that wait there; written with its sign of life.
ALTER TABLE "station" ADD COLUMN "queued_results" INTEGER NOT NULL DEFAULT 0;
ALTER TABLE "station" ADD COLUMN "queued_since" TIMESTAMPTZ(3);

-- Who gets alarms by e-mail, and what is on its way to them.
CREATE TABLE "alarm_recipient" (
    "id" UUID NOT NULL,
    "address" TEXT NOT NULL,
    "rules" TEXT[] NOT NULL DEFAULT ARRAY[]::TEXT[],
    "plant_id" UUID,
    "last_error" TEXT,
    "sent_at" TIMESTAMPTZ(3),
    "given_up" INTEGER NOT NULL DEFAULT 0,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "created_by" TEXT NOT NULL,

    CONSTRAINT "alarm_recipient_pkey" PRIMARY KEY ("id")
);
ALTER TABLE "alarm_recipient" ADD CONSTRAINT "alarm_recipient_plant_id_fkey" FOREIGN KEY ("plant_id") REFERENCES "plant"("id") ON DELETE CASCADE ON UPDATE CASCADE;
CREATE UNIQUE INDEX "alarm_recipient_address_key" ON "alarm_recipient"("address");
CREATE TABLE "alarm_mail" (
    "id" UUID NOT NULL DEFAULT gen_random_uuid(),
    "alarm_id" UUID NOT NULL,
    "recipient_id" UUID NOT NULL,
    "what" TEXT NOT NULL,
    "written_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "tries" INTEGER NOT NULL DEFAULT 0,
    "next_try_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "alarm_mail_pkey" PRIMARY KEY ("id")
);
ALTER TABLE "alarm_mail" ADD CONSTRAINT "alarm_mail_alarm_id_fkey" FOREIGN KEY ("alarm_id") REFERENCES "alarm"("id") ON DELETE CASCADE ON UPDATE CASCADE;
ALTER TABLE "alarm_mail" ADD CONSTRAINT "alarm_mail_recipient_id_fkey" FOREIGN KEY ("recipient_id") REFERENCES "alarm_recipient"("id") ON DELETE CASCADE ON UPDATE CASCADE;
CREATE INDEX "alarm_mail_next_try_at_idx" ON "alarm_mail"("next_try_at");

-- Endpoints that get events of the sealed ledger. Everything up to "position" is dealt with. Who delivers holds the lease, and writes only
-- while "epoch" is still theirs.
CREATE TABLE "webhook" (
    "id" UUID NOT NULL,
    "name" TEXT NOT NULL,
    "url" TEXT NOT NULL,
    "kinds" TEXT[] NOT NULL DEFAULT ARRAY[]::TEXT[],
    "position" BIGINT NOT NULL,
    "off_at" TIMESTAMPTZ(3),
    "off_reason" TEXT,
    "epoch" INTEGER NOT NULL DEFAULT 0,
    "lease_until" TIMESTAMPTZ(3),
    "delivered_at" TIMESTAMPTZ(3),
    "failing_since" TIMESTAMPTZ(3),
    "tries" INTEGER NOT NULL DEFAULT 0,
    "refusals" INTEGER NOT NULL DEFAULT 0,
    "last_error" TEXT,
    "next_try_at" TIMESTAMPTZ(3),
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "created_by" TEXT NOT NULL,

    CONSTRAINT "webhook_pkey" PRIMARY KEY ("id")
);
CREATE UNIQUE INDEX "webhook_name_key" ON "webhook"("name");
-- Sealed with the server's key, which is not in the database.
CREATE TABLE "webhook_secret" (
    "id" UUID NOT NULL,
    "webhook_id" UUID NOT NULL,
    "sealed" BYTEA NOT NULL,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "expires_at" TIMESTAMPTZ(3),

    CONSTRAINT "webhook_secret_pkey" PRIMARY KEY ("id")
);
ALTER TABLE "webhook_secret" ADD CONSTRAINT "webhook_secret_webhook_id_fkey" FOREIGN KEY ("webhook_id") REFERENCES "webhook"("id") ON DELETE CASCADE ON UPDATE CASCADE;
CREATE INDEX "webhook_secret_webhook_id_idx" ON "webhook_secret"("webhook_id");
-- Messages that an endpoint did not take; the event itself stands in the ledger.
CREATE TABLE "webhook_letter" (
    "webhook_id" UUID NOT NULL,
    "position" BIGINT NOT NULL,
    "kind" TEXT NOT NULL,
    "tries" INTEGER NOT NULL,
    "error" TEXT NOT NULL,
    "died_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "replay" BOOLEAN NOT NULL DEFAULT false,

    CONSTRAINT "webhook_letter_pkey" PRIMARY KEY ("webhook_id", "position")
);
ALTER TABLE "webhook_letter" ADD CONSTRAINT "webhook_letter_webhook_id_fkey" FOREIGN KEY ("webhook_id") REFERENCES "webhook"("id") ON DELETE CASCADE ON UPDATE CASCADE;
