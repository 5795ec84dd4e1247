-- Updates of the agents: what was published, what is brought to stations, and how far each of them is.
ALTER TABLE "station" ADD COLUMN "update_facts" JSONB;

CREATE TABLE "agent_update" (
    "id" UUID NOT NULL,
    "version" TEXT NOT NULL,
    "platform" TEXT NOT NULL,
    "manifest" BYTEA NOT NULL,
    "signature" TEXT NOT NULL,
    "key_id" TEXT NOT NULL,
    "sha256" TEXT NOT NULL,
    "size" INTEGER NOT NULL,
    "built_at" TIMESTAMPTZ(3) NOT NULL,
    "published_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "published_by" TEXT NOT NULL,
    "withdrawn_at" TIMESTAMPTZ(3),
    "withdrawn_by" TEXT,
    "withdraw_reason" TEXT,

    CONSTRAINT "agent_update_pkey" PRIMARY KEY ("id")
);
CREATE INDEX "agent_update_published_at_id_idx" ON "agent_update"("published_at", "id");
CREATE INDEX "agent_update_sha256_idx" ON "agent_update"("sha256");
CREATE UNIQUE INDEX "agent_update_offered" ON "agent_update"("version", "platform") WHERE "withdrawn_at" IS NULL;

CREATE TABLE "update_push" (
    "id" UUID NOT NULL,
    "version" TEXT NOT NULL,
    "downgrade" BOOLEAN NOT NULL,
    "reason" TEXT NOT NULL,
    "state" TEXT NOT NULL DEFAULT 'running',
    "state_reason" TEXT,
    "pushed_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "pushed_by" TEXT NOT NULL,

    CONSTRAINT "update_push_pkey" PRIMARY KEY ("id")
);
CREATE INDEX "update_push_pushed_at_id_idx" ON "update_push"("pushed_at", "id");
-- The few that go on are looked at every few seconds.
CREATE INDEX "update_push_running" ON "update_push"("id") WHERE "state" = 'running';

CREATE TABLE "station_update" (
    "id" UUID NOT NULL,
    "push_id" UUID NOT NULL,
    "update_id" UUID NOT NULL,
    "station_id" UUID NOT NULL,
    "wave" INTEGER NOT NULL,
    "before" TEXT NOT NULL,
    "state" TEXT NOT NULL DEFAULT 'planned',
    "progress" JSONB,
    "at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "station_update_pkey" PRIMARY KEY ("id")
);
CREATE INDEX "station_update_push_id_wave_idx" ON "station_update"("push_id", "wave");
CREATE INDEX "station_update_station_id_id_idx" ON "station_update"("station_id", "id");
-- A station has one update before it at a time.
CREATE UNIQUE INDEX "station_update_open" ON "station_update"("station_id") WHERE "state" IN ('planned', 'told');
ALTER TABLE "station_update" ADD CONSTRAINT "station_update_push_id_fkey" FOREIGN KEY ("push_id") REFERENCES "update_push"("id") ON DELETE RESTRICT ON UPDATE CASCADE;
ALTER TABLE "station_update" ADD CONSTRAINT "station_update_update_id_fkey" FOREIGN KEY ("update_id") REFERENCES "agent_update"("id") ON DELETE RESTRICT ON UPDATE CASCADE;
ALTER TABLE "station_update" ADD CONSTRAINT "station_update_station_id_fkey" FOREIGN KEY ("station_id") REFERENCES "station"("id") ON DELETE RESTRICT ON UPDATE CASCADE;
