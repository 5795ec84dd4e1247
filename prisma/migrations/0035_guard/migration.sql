-- Whether the server may quarantine hosts of the plant by itself.
ALTER TABLE "plant" ADD COLUMN "guard" BOOLEAN NOT NULL DEFAULT false;

-- Which step of the ladder the guard did not follow, and why: told once.
ALTER TABLE "host" ADD COLUMN "guard_spared" JSONB;
