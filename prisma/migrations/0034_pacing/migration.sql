-- A trial of gentler pacing at one kind of host. What its units showed stands in their attempts.
CREATE TABLE "pacing_trial" (
    "id" UUID NOT NULL DEFAULT gen_random_uuid(),
    "plant_id" UUID NOT NULL,
    "virtual" BOOLEAN NOT NULL,
    "controller" TEXT NOT NULL,
    "hub" TEXT NOT NULL,
    "family" TEXT NOT NULL,
    "state" TEXT NOT NULL DEFAULT 'running',
    "round" INTEGER NOT NULL DEFAULT 1,
    "begun_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "decided_at" TIMESTAMPTZ(3),
    "figures" JSONB NOT NULL,
    "since" JSONB,

    CONSTRAINT "pacing_trial_pkey" PRIMARY KEY ("id")
);
CREATE UNIQUE INDEX "pacing_trial_plant_id_virtual_controller_hub_family_key" ON "pacing_trial"("plant_id", "virtual", "controller", "hub", "family");
ALTER TABLE "pacing_trial" ADD CONSTRAINT "pacing_trial_plant_id_fkey" FOREIGN KEY ("plant_id") REFERENCES "plant"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- The next place of a release in a trial: pairs are of one release.
CREATE TABLE "pacing_place" (
    "trial_id" UUID NOT NULL,
    "round" INTEGER NOT NULL,
    "state" TEXT NOT NULL,
    "release_id" UUID NOT NULL,
    "next" INTEGER NOT NULL,

    CONSTRAINT "pacing_place_pkey" PRIMARY KEY ("trial_id", "round", "state", "release_id")
);

-- Which attempt took which place, and with which profile it was to start.
CREATE TABLE "pacing_turn" (
    "attempt_id" UUID NOT NULL,
    "trial_id" UUID NOT NULL,
    "round" INTEGER NOT NULL,
    "state" TEXT NOT NULL,
    "release_id" UUID NOT NULL,
    "place" INTEGER NOT NULL,
    "profile" TEXT NOT NULL,

    CONSTRAINT "pacing_turn_pkey" PRIMARY KEY ("attempt_id")
);
CREATE INDEX "pacing_turn_trial_id_round_state_idx" ON "pacing_turn"("trial_id", "round", "state");

-- What an engineer has set; null: releases and trials say.
ALTER TABLE "host" ADD COLUMN "profile" TEXT;
