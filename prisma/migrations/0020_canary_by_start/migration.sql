-- A canary's units are judged in the order in which their attempts began: "at" is when they did, not when their result came in.
UPDATE "canary_trial" t SET "at" = a."accepted_at" FROM "attempt" a WHERE a."id" = t."attempt_id";

-- Of the predecessor's units that were judged, those of the same time as the canary's: without them a bad batch of boards looks like a bad image.
ALTER TABLE "canary" ADD COLUMN "others_beside" INTEGER NOT NULL DEFAULT 0;
