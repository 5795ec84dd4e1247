-- Known units that check nests. They are no production units, and nothing that counts units reads these tables.
CREATE TABLE "golden_unit" (
    "id" UUID NOT NULL,
    "serial" TEXT NOT NULL,
    "plant_id" UUID NOT NULL,
    "release_id" UUID NOT NULL,
    "cycles" INTEGER NOT NULL,
    "areas" INTEGER NOT NULL,
    "turn" INTEGER NOT NULL DEFAULT 0,
    "checks" INTEGER NOT NULL DEFAULT 0,
    "worn" INTEGER NOT NULL DEFAULT 0,
    "sectors" JSONB NOT NULL DEFAULT '{}',
    "last_check_at" TIMESTAMPTZ(3),
    "added_by" TEXT NOT NULL,
    "added_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "retired_by" TEXT,
    "retired_at" TIMESTAMPTZ(3),
    "retire_reason" TEXT,

    CONSTRAINT "golden_unit_pkey" PRIMARY KEY ("id"),
    CONSTRAINT "golden_unit_worn" CHECK ("worn" BETWEEN 0 AND "cycles")
);
CREATE UNIQUE INDEX "golden_unit_serial_key" ON "golden_unit"("serial");
CREATE INDEX "golden_unit_plant_id_idx" ON "golden_unit"("plant_id");
ALTER TABLE "golden_unit" ADD CONSTRAINT "golden_unit_plant_id_fkey" FOREIGN KEY ("plant_id") REFERENCES "plant"("id") ON DELETE RESTRICT ON UPDATE CASCADE;
ALTER TABLE "golden_unit" ADD CONSTRAINT "golden_unit_release_id_fkey" FOREIGN KEY ("release_id") REFERENCES "release"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- How often the nests of a plant are checked. No row: never.
CREATE TABLE "golden_rule" (
    "plant_id" UUID NOT NULL,
    "every" TEXT NOT NULL,
    "hours" INTEGER NOT NULL,
    "overdue" TEXT NOT NULL,
    "set_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "golden_rule_pkey" PRIMARY KEY ("plant_id")
);
ALTER TABLE "golden_rule" ADD CONSTRAINT "golden_rule_plant_id_fkey" FOREIGN KEY ("plant_id") REFERENCES "plant"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- A check that is repeated at one nest.
CREATE TABLE "golden_run" (
    "id" UUID NOT NULL,
    "golden_id" UUID NOT NULL,
    "nest_id" UUID NOT NULL,
    "times" INTEGER NOT NULL,
    "made" INTEGER NOT NULL DEFAULT 0,
    "failed" INTEGER NOT NULL DEFAULT 0,
    "incidents" INTEGER NOT NULL DEFAULT 0,
    "profile" TEXT,
    "setting" TEXT,
    "reason" TEXT NOT NULL,
    "host_id" UUID,
    "state" TEXT NOT NULL DEFAULT 'planned',
    "planned_by" TEXT NOT NULL,
    "planned_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "ended_at" TIMESTAMPTZ(3),
    "ended_by" TEXT,
    "end_reason" TEXT,

    CONSTRAINT "golden_run_pkey" PRIMARY KEY ("id")
);
-- One run waits at a nest.
CREATE UNIQUE INDEX "golden_run_open" ON "golden_run"("nest_id") WHERE "state" = 'planned';
CREATE INDEX "golden_run_host_id_planned_at_idx" ON "golden_run"("host_id", "planned_at");
ALTER TABLE "golden_run" ADD CONSTRAINT "golden_run_golden_id_fkey" FOREIGN KEY ("golden_id") REFERENCES "golden_unit"("id") ON DELETE RESTRICT ON UPDATE CASCADE;
ALTER TABLE "golden_run" ADD CONSTRAINT "golden_run_nest_id_fkey" FOREIGN KEY ("nest_id") REFERENCES "nest"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- One check: opened by a scan, started before its first erase, ended by its result.
CREATE TABLE "golden_check" (
    "id" UUID NOT NULL,
    "golden_id" UUID NOT NULL,
    "station_id" UUID NOT NULL,
    "nest_id" UUID NOT NULL,
    "run_id" UUID,
    "operator_id" UUID,
    "state" TEXT NOT NULL DEFAULT 'open',
    "turn" INTEGER NOT NULL,
    "host_key" TEXT,
    "virtual" BOOLEAN,
    "sectors" BIGINT[] DEFAULT ARRAY[]::BIGINT[],
    "opened_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "started_at" TIMESTAMPTZ(3),
    "ended_at" TIMESTAMPTZ(3),
    "code" TEXT,
    "detail" TEXT,
    "link_incident" BOOLEAN NOT NULL DEFAULT false,
    "profile" TEXT,
    "duration_ms" DOUBLE PRECISION,
    "result" BYTEA,
    -- It failed, and its nest is to be taken out of use; false once that was done.
    "holds" BOOLEAN NOT NULL DEFAULT false,

    CONSTRAINT "golden_check_pkey" PRIMARY KEY ("id")
);
CREATE INDEX "golden_check_golden_id_opened_at_idx" ON "golden_check"("golden_id", "opened_at");
CREATE INDEX "golden_check_host_key_opened_at_idx" ON "golden_check"("host_key", "opened_at");
CREATE INDEX "golden_check_nest_id_opened_at_idx" ON "golden_check"("nest_id", "opened_at");
CREATE INDEX "golden_check_opened_at_id_idx" ON "golden_check"("opened_at", "id");
CREATE INDEX "golden_check_run_id_idx" ON "golden_check"("run_id");
CREATE INDEX "golden_check_holds" ON "golden_check"("id") WHERE "holds";
ALTER TABLE "golden_check" ADD CONSTRAINT "golden_check_golden_id_fkey" FOREIGN KEY ("golden_id") REFERENCES "golden_unit"("id") ON DELETE RESTRICT ON UPDATE CASCADE;
ALTER TABLE "golden_check" ADD CONSTRAINT "golden_check_station_id_fkey" FOREIGN KEY ("station_id") REFERENCES "station"("id") ON DELETE RESTRICT ON UPDATE CASCADE;
ALTER TABLE "golden_check" ADD CONSTRAINT "golden_check_nest_id_fkey" FOREIGN KEY ("nest_id") REFERENCES "nest"("id") ON DELETE RESTRICT ON UPDATE CASCADE;
ALTER TABLE "golden_check" ADD CONSTRAINT "golden_check_run_id_fkey" FOREIGN KEY ("run_id") REFERENCES "golden_run"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- When a nest last passed and last failed a check.
CREATE TABLE "golden_nest" (
    "nest_id" UUID NOT NULL,
    "passed_at" TIMESTAMPTZ(3),
    "failed_at" TIMESTAMPTZ(3),

    CONSTRAINT "golden_nest_pkey" PRIMARY KEY ("nest_id")
);
ALTER TABLE "golden_nest" ADD CONSTRAINT "golden_nest_nest_id_fkey" FOREIGN KEY ("nest_id") REFERENCES "nest"("id") ON DELETE RESTRICT ON UPDATE CASCADE;
