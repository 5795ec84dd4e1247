-- CreateTable
CREATE TABLE "plant" (
    "id" UUID NOT NULL,
    "name" TEXT NOT NULL,
    "time_zone" TEXT NOT NULL,
    "shifts" JSONB NOT NULL DEFAULT '[]',

    CONSTRAINT "plant_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "line" (
    "id" UUID NOT NULL,
    "name" TEXT NOT NULL,
    "plant_id" UUID NOT NULL,

    CONSTRAINT "line_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "station" (
    "id" UUID NOT NULL,
    "name" TEXT NOT NULL,
    "line_id" UUID NOT NULL,
    "machine" TEXT,
    "hostname" TEXT,
    "credential_hash" TEXT,
    "enrolled_at" TIMESTAMPTZ(3),
    "last_seen_at" TIMESTAMPTZ(3),
    "agent_version" TEXT,
    "active_work_order_id" UUID,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "station_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "nest" (
    "id" UUID NOT NULL,
    "station_id" UUID NOT NULL,
    "name" TEXT NOT NULL,
    "port_path" TEXT NOT NULL,
    "enabled" BOOLEAN NOT NULL DEFAULT true,

    CONSTRAINT "nest_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "enrolment_token" (
    "id" UUID NOT NULL,
    "station_id" UUID NOT NULL,
    "token_hash" TEXT NOT NULL,
    "expires_at" TIMESTAMPTZ(3) NOT NULL,
    "used_at" TIMESTAMPTZ(3),
    "used_by" TEXT,

    CONSTRAINT "enrolment_token_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "person" (
    "id" UUID NOT NULL,
    "name" TEXT NOT NULL,
    "role" TEXT NOT NULL,
    "password_hash" TEXT NOT NULL,
    "disabled_at" TIMESTAMPTZ(3),
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "person_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "session" (
    "id" UUID NOT NULL,
    "token_hash" TEXT NOT NULL,
    "person_id" UUID NOT NULL,
    "expires_at" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "session_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "api_token" (
    "id" UUID NOT NULL,
    "name" TEXT NOT NULL,
    "token_hash" TEXT NOT NULL,
    "scopes" TEXT[] DEFAULT ARRAY[]::TEXT[],
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "expires_at" TIMESTAMPTZ(3),
    "revoked_at" TIMESTAMPTZ(3),
    "last_used_at" TIMESTAMPTZ(3),

    CONSTRAINT "api_token_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "signing_key" (
    "id" UUID NOT NULL,
    "key_id" TEXT NOT NULL,
    "name" TEXT NOT NULL,
    "public_key" TEXT NOT NULL,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "revoked_at" TIMESTAMPTZ(3),

    CONSTRAINT "signing_key_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "product" (
    "id" UUID NOT NULL,
    "name" TEXT NOT NULL,
    "title" TEXT NOT NULL DEFAULT '',
    "chip" TEXT NOT NULL,
    "board_revisions" TEXT[] DEFAULT ARRAY[]::TEXT[],
    "serial_pattern" TEXT,
    "registration" TEXT NOT NULL DEFAULT 'listed',
    "allow_virtual" BOOLEAN NOT NULL DEFAULT false,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "product_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "process_step" (
    "id" UUID NOT NULL,
    "product_id" UUID NOT NULL,
    "name" TEXT NOT NULL,
    "position" INTEGER NOT NULL,

    CONSTRAINT "process_step_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "image" (
    "sha256" TEXT NOT NULL,
    "size" INTEGER NOT NULL,
    "format" TEXT,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "created_by" TEXT NOT NULL,

    CONSTRAINT "image_pkey" PRIMARY KEY ("sha256")
);

-- CreateTable
CREATE TABLE "release" (
    "id" UUID NOT NULL,
    "product_id" UUID NOT NULL,
    "version" TEXT NOT NULL,
    "counter" INTEGER NOT NULL,
    "chip" TEXT NOT NULL,
    "board_revisions" TEXT[] DEFAULT ARRAY[]::TEXT[],
    "state" TEXT NOT NULL DEFAULT 'draft',
    "check" TEXT NOT NULL DEFAULT 'pending',
    "check_code" TEXT,
    "check_message" TEXT,
    "manifest" BYTEA NOT NULL,
    "manifest_sha256" TEXT NOT NULL,
    "signature" TEXT NOT NULL,
    "key_id" TEXT NOT NULL,
    "expires_at" TIMESTAMPTZ(3),
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "created_by" TEXT NOT NULL,
    "released_at" TIMESTAMPTZ(3),
    "revoked_at" TIMESTAMPTZ(3),
    "revoked_reason" TEXT,

    CONSTRAINT "release_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "release_image" (
    "release_id" UUID NOT NULL,
    "position" INTEGER NOT NULL,
    "name" TEXT NOT NULL,
    "image_sha256" TEXT NOT NULL,
    "address" BIGINT,

    CONSTRAINT "release_image_pkey" PRIMARY KEY ("release_id","position")
);

-- CreateTable
CREATE TABLE "work_order" (
    "id" UUID NOT NULL,
    "number" TEXT NOT NULL,
    "product_id" UUID NOT NULL,
    "release_id" UUID NOT NULL,
    "step_id" UUID NOT NULL,
    "quantity" INTEGER NOT NULL,
    "state" TEXT NOT NULL DEFAULT 'open',
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "created_by" TEXT NOT NULL,

    CONSTRAINT "work_order_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "unit" (
    "id" UUID NOT NULL,
    "product_id" UUID NOT NULL,
    "serial" TEXT NOT NULL,
    "board_revision" TEXT,
    "batch" TEXT,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "unit_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "job" (
    "id" UUID NOT NULL,
    "unit_id" UUID NOT NULL,
    "station_id" UUID NOT NULL,
    "nest_id" UUID NOT NULL,
    "work_order_id" UUID NOT NULL,
    "release_id" UUID NOT NULL,
    "step_id" UUID NOT NULL,
    "state" TEXT NOT NULL,
    "epoch" INTEGER NOT NULL DEFAULT 0,
    "dirty" BOOLEAN NOT NULL DEFAULT false,
    "deadline" TIMESTAMPTZ(3),
    "cancel_asked" BOOLEAN NOT NULL DEFAULT false,
    "code" TEXT,
    "supersedes_id" UUID,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "changed_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "job_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "host" (
    "id" UUID NOT NULL,
    "key" TEXT NOT NULL,
    "machine" TEXT NOT NULL,
    "pci_address" TEXT NOT NULL,
    "controller" TEXT NOT NULL,
    "driver" TEXT NOT NULL,
    "virtual" BOOLEAN NOT NULL DEFAULT false,
    "fingerprint" JSONB NOT NULL,
    "verdict" TEXT NOT NULL DEFAULT 'NOT_ENOUGH_DATA',
    "verdict_since" TIMESTAMPTZ(3),
    "evidence" TEXT NOT NULL DEFAULT '',
    "statistics" JSONB NOT NULL DEFAULT '{}',
    "quarantined_by" TEXT,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "host_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "attempt" (
    "id" UUID NOT NULL,
    "job_id" UUID NOT NULL,
    "unit_id" UUID NOT NULL,
    "station_id" UUID NOT NULL,
    "nest_id" UUID NOT NULL,
    "work_order_id" UUID NOT NULL,
    "release_id" UUID NOT NULL,
    "step_id" UUID NOT NULL,
    "host_id" UUID NOT NULL,
    "epoch" INTEGER NOT NULL,
    "outcome" TEXT,
    "first" BOOLEAN NOT NULL DEFAULT false,
    "late" BOOLEAN NOT NULL DEFAULT false,
    "review" BOOLEAN NOT NULL DEFAULT false,
    "code" TEXT,
    "blame" TEXT,
    "phase" TEXT,
    "address" BIGINT,
    "detail" TEXT,
    "touched" BOOLEAN,
    "link_incident" BOOLEAN NOT NULL DEFAULT false,
    "incidents" JSONB NOT NULL DEFAULT '[]',
    "profile" TEXT,
    "start_profile" TEXT,
    "bytes" INTEGER,
    "duration_ms" DOUBLE PRECISION,
    "phase_ms" JSONB NOT NULL DEFAULT '{}',
    "erased_sectors" INTEGER,
    "skipped_sectors" INTEGER,
    "chip" TEXT,
    "chip_match" TEXT,
    "chip_evidence" JSONB NOT NULL DEFAULT '[]',
    "port_path" TEXT,
    "hubs" JSONB NOT NULL DEFAULT '[]',
    "virtual" BOOLEAN NOT NULL DEFAULT false,
    "offline" BOOLEAN NOT NULL DEFAULT false,
    "usb_serial" TEXT,
    "agent_version" TEXT,
    "accepted_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "started_at" TIMESTAMPTZ(3),
    "finished_at" TIMESTAMPTZ(3),
    "received_at" TIMESTAMPTZ(3),
    "skew_ms" DOUBLE PRECISION,
    "body" BYTEA,
    "body_sha256" TEXT,

    CONSTRAINT "attempt_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "outbox" (
    "id" BIGSERIAL NOT NULL,
    "queue" TEXT NOT NULL,
    "key" TEXT NOT NULL,
    "payload" JSONB NOT NULL,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "outbox_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "audit_entry" (
    "id" UUID NOT NULL,
    "at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "actor" TEXT NOT NULL,
    "action" TEXT NOT NULL,
    "subject" TEXT NOT NULL,
    "before" JSONB,
    "after" JSONB,
    "reason" TEXT,

    CONSTRAINT "audit_entry_pkey" PRIMARY KEY ("id")
);

-- CreateIndex
CREATE UNIQUE INDEX "plant_name_key" ON "plant"("name");

-- CreateIndex
CREATE UNIQUE INDEX "line_plant_id_name_key" ON "line"("plant_id", "name");

-- CreateIndex
CREATE UNIQUE INDEX "station_name_key" ON "station"("name");

-- CreateIndex
CREATE UNIQUE INDEX "station_credential_hash_key" ON "station"("credential_hash");

-- CreateIndex
CREATE UNIQUE INDEX "nest_station_id_name_key" ON "nest"("station_id", "name");

-- CreateIndex
CREATE UNIQUE INDEX "nest_station_id_port_path_key" ON "nest"("station_id", "port_path");

-- CreateIndex
CREATE UNIQUE INDEX "enrolment_token_token_hash_key" ON "enrolment_token"("token_hash");

-- CreateIndex
CREATE UNIQUE INDEX "person_name_key" ON "person"("name");

-- CreateIndex
CREATE UNIQUE INDEX "session_token_hash_key" ON "session"("token_hash");

-- CreateIndex
CREATE UNIQUE INDEX "api_token_token_hash_key" ON "api_token"("token_hash");

-- CreateIndex
CREATE UNIQUE INDEX "signing_key_key_id_key" ON "signing_key"("key_id");

-- CreateIndex
CREATE UNIQUE INDEX "product_name_key" ON "product"("name");

-- CreateIndex
CREATE UNIQUE INDEX "process_step_product_id_position_key" ON "process_step"("product_id", "position");

-- CreateIndex
CREATE UNIQUE INDEX "process_step_product_id_name_key" ON "process_step"("product_id", "name");

-- CreateIndex
CREATE UNIQUE INDEX "release_manifest_sha256_key" ON "release"("manifest_sha256");

-- CreateIndex
CREATE UNIQUE INDEX "release_product_id_version_key" ON "release"("product_id", "version");

-- CreateIndex
CREATE UNIQUE INDEX "release_product_id_counter_key" ON "release"("product_id", "counter");

-- CreateIndex
CREATE UNIQUE INDEX "work_order_number_key" ON "work_order"("number");

-- CreateIndex
CREATE INDEX "unit_serial_idx" ON "unit"("serial");

-- CreateIndex
CREATE UNIQUE INDEX "unit_product_id_serial_key" ON "unit"("product_id", "serial");

-- CreateIndex
CREATE UNIQUE INDEX "job_supersedes_id_key" ON "job"("supersedes_id");

-- CreateIndex
CREATE INDEX "job_station_id_state_idx" ON "job"("station_id", "state");

-- CreateIndex
CREATE INDEX "job_state_deadline_idx" ON "job"("state", "deadline");

-- CreateIndex
CREATE INDEX "job_work_order_id_state_idx" ON "job"("work_order_id", "state");

-- CreateIndex
CREATE UNIQUE INDEX "host_key_key" ON "host"("key");

-- CreateIndex
CREATE INDEX "attempt_unit_id_step_id_idx" ON "attempt"("unit_id", "step_id");

-- CreateIndex
CREATE INDEX "attempt_received_at_idx" ON "attempt"("received_at");

-- CreateIndex
CREATE INDEX "attempt_host_id_received_at_idx" ON "attempt"("host_id", "received_at");

-- CreateIndex
CREATE INDEX "attempt_station_id_received_at_idx" ON "attempt"("station_id", "received_at");

-- CreateIndex
CREATE INDEX "attempt_release_id_idx" ON "attempt"("release_id");

-- CreateIndex
CREATE INDEX "outbox_created_at_idx" ON "outbox"("created_at");

-- CreateIndex
CREATE INDEX "audit_entry_at_idx" ON "audit_entry"("at");

-- AddForeignKey
ALTER TABLE "line" ADD CONSTRAINT "line_plant_id_fkey" FOREIGN KEY ("plant_id") REFERENCES "plant"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "station" ADD CONSTRAINT "station_line_id_fkey" FOREIGN KEY ("line_id") REFERENCES "line"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "station" ADD CONSTRAINT "station_active_work_order_id_fkey" FOREIGN KEY ("active_work_order_id") REFERENCES "work_order"("id") ON DELETE SET NULL ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "nest" ADD CONSTRAINT "nest_station_id_fkey" FOREIGN KEY ("station_id") REFERENCES "station"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "enrolment_token" ADD CONSTRAINT "enrolment_token_station_id_fkey" FOREIGN KEY ("station_id") REFERENCES "station"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "session" ADD CONSTRAINT "session_person_id_fkey" FOREIGN KEY ("person_id") REFERENCES "person"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "process_step" ADD CONSTRAINT "process_step_product_id_fkey" FOREIGN KEY ("product_id") REFERENCES "product"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "release" ADD CONSTRAINT "release_product_id_fkey" FOREIGN KEY ("product_id") REFERENCES "product"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "release_image" ADD CONSTRAINT "release_image_release_id_fkey" FOREIGN KEY ("release_id") REFERENCES "release"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "release_image" ADD CONSTRAINT "release_image_image_sha256_fkey" FOREIGN KEY ("image_sha256") REFERENCES "image"("sha256") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "work_order" ADD CONSTRAINT "work_order_product_id_fkey" FOREIGN KEY ("product_id") REFERENCES "product"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "work_order" ADD CONSTRAINT "work_order_release_id_fkey" FOREIGN KEY ("release_id") REFERENCES "release"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "work_order" ADD CONSTRAINT "work_order_step_id_fkey" FOREIGN KEY ("step_id") REFERENCES "process_step"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "unit" ADD CONSTRAINT "unit_product_id_fkey" FOREIGN KEY ("product_id") REFERENCES "product"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "job" ADD CONSTRAINT "job_unit_id_fkey" FOREIGN KEY ("unit_id") REFERENCES "unit"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "job" ADD CONSTRAINT "job_station_id_fkey" FOREIGN KEY ("station_id") REFERENCES "station"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "job" ADD CONSTRAINT "job_nest_id_fkey" FOREIGN KEY ("nest_id") REFERENCES "nest"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "job" ADD CONSTRAINT "job_work_order_id_fkey" FOREIGN KEY ("work_order_id") REFERENCES "work_order"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "job" ADD CONSTRAINT "job_release_id_fkey" FOREIGN KEY ("release_id") REFERENCES "release"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "job" ADD CONSTRAINT "job_step_id_fkey" FOREIGN KEY ("step_id") REFERENCES "process_step"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "job" ADD CONSTRAINT "job_supersedes_id_fkey" FOREIGN KEY ("supersedes_id") REFERENCES "job"("id") ON DELETE SET NULL ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "attempt" ADD CONSTRAINT "attempt_job_id_fkey" FOREIGN KEY ("job_id") REFERENCES "job"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "attempt" ADD CONSTRAINT "attempt_unit_id_fkey" FOREIGN KEY ("unit_id") REFERENCES "unit"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "attempt" ADD CONSTRAINT "attempt_station_id_fkey" FOREIGN KEY ("station_id") REFERENCES "station"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "attempt" ADD CONSTRAINT "attempt_nest_id_fkey" FOREIGN KEY ("nest_id") REFERENCES "nest"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "attempt" ADD CONSTRAINT "attempt_work_order_id_fkey" FOREIGN KEY ("work_order_id") REFERENCES "work_order"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "attempt" ADD CONSTRAINT "attempt_release_id_fkey" FOREIGN KEY ("release_id") REFERENCES "release"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "attempt" ADD CONSTRAINT "attempt_step_id_fkey" FOREIGN KEY ("step_id") REFERENCES "process_step"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "attempt" ADD CONSTRAINT "attempt_host_id_fkey" FOREIGN KEY ("host_id") REFERENCES "host"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- What the datamodel cannot say.

ALTER TABLE "product" ALTER COLUMN "board_revisions" SET NOT NULL;
ALTER TABLE "release" ALTER COLUMN "board_revisions" SET NOT NULL;
ALTER TABLE "api_token" ALTER COLUMN "scopes" SET NOT NULL;

-- A unit and a nest have at most one open job each; two starts at once cannot both win.
CREATE UNIQUE INDEX "job_open_unit" ON "job" ("unit_id") WHERE "state" IN ('QUEUED', 'OFFERED', 'LEASED', 'RUNNING');
CREATE UNIQUE INDEX "job_open_nest" ON "job" ("nest_id") WHERE "state" IN ('QUEUED', 'OFFERED', 'LEASED', 'RUNNING');
-- A unit has at most one first counted attempt at a step.
CREATE UNIQUE INDEX "attempt_first" ON "attempt" ("unit_id", "step_id") WHERE "first";

ALTER TABLE "job" ADD CONSTRAINT "job_state_known" CHECK ("state" IN
  ('QUEUED', 'OFFERED', 'LEASED', 'RUNNING', 'PASSED', 'FAILED', 'CANCELLED', 'UNKNOWN', 'SUPERSEDED'));
ALTER TABLE "release" ADD CONSTRAINT "release_state_known" CHECK ("state" IN ('draft', 'released', 'revoked'));
ALTER TABLE "release" ADD CONSTRAINT "release_check_known" CHECK ("check" IN ('pending', 'passed', 'refused'));
ALTER TABLE "release" ADD CONSTRAINT "release_checked_first" CHECK ("state" = 'draft' OR "check" = 'passed');
ALTER TABLE "work_order" ADD CONSTRAINT "work_order_state_known" CHECK ("state" IN ('open', 'closed'));
ALTER TABLE "attempt" ADD CONSTRAINT "attempt_outcome_known" CHECK ("outcome" IN ('PASS', 'FAIL'));

CREATE FUNCTION "refuse_change"() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION 'table % is append-only', TG_TABLE_NAME USING ERRCODE = 'insufficient_privilege';
END $$;
CREATE TRIGGER "audit_entry_append_only" BEFORE UPDATE OR DELETE ON "audit_entry"
  FOR EACH ROW EXECUTE FUNCTION "refuse_change"();
CREATE TRIGGER "audit_entry_no_truncate" BEFORE TRUNCATE ON "audit_entry"
  FOR EACH STATEMENT EXECUTE FUNCTION "refuse_change"();

-- The bytes that were signed are what agents check: a release's content never changes.
CREATE FUNCTION "refuse_release_change"() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF (OLD."manifest", OLD."signature", OLD."key_id", OLD."product_id", OLD."version", OLD."counter")
     IS DISTINCT FROM
     (NEW."manifest", NEW."signature", NEW."key_id", NEW."product_id", NEW."version", NEW."counter") THEN
    RAISE EXCEPTION 'a release''s content is fixed' USING ERRCODE = 'insufficient_privilege';
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER "release_content_fixed" BEFORE UPDATE ON "release"
  FOR EACH ROW EXECUTE FUNCTION "refuse_release_change"();
