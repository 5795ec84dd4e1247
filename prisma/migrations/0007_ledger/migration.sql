-- One ledger of what happened. An event is written into "ledger_open" in the transaction of its deed; the sealer moves it to "ledger", with
-- its position and its hash. See docs/ledger.md.

CREATE TABLE "ledger_open" (
    "seq" BIGSERIAL NOT NULL,
    "id" UUID NOT NULL DEFAULT gen_random_uuid(),
    "at" TIMESTAMPTZ(3) NOT NULL DEFAULT clock_timestamp(),
    "kind" TEXT NOT NULL,
    "version" INTEGER NOT NULL DEFAULT 1,
    "who_kind" TEXT NOT NULL,
    "who_id" UUID,
    "who_name" TEXT,
    "address" TEXT,
    "door" TEXT,
    "operation" TEXT,
    "plant_id" UUID,
    "subject_kind" TEXT NOT NULL,
    "subject_id" TEXT,
    "subject_name" TEXT,
    "before" JSONB,
    "after" JSONB,
    "reason" TEXT,
    "data" JSONB NOT NULL DEFAULT '{}',

    CONSTRAINT "ledger_open_pkey" PRIMARY KEY ("seq")
);

CREATE TABLE "ledger" (
    "position" BIGINT NOT NULL,
    "hash" BYTEA NOT NULL,
    "sealed_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "id" UUID NOT NULL,
    "at" TIMESTAMPTZ(3) NOT NULL,
    "kind" TEXT NOT NULL,
    "version" INTEGER NOT NULL,
    "who_kind" TEXT NOT NULL,
    "who_id" UUID,
    "who_name" TEXT,
    "address" TEXT,
    "door" TEXT,
    "operation" TEXT,
    "plant_id" UUID,
    "subject_kind" TEXT NOT NULL,
    "subject_id" TEXT,
    "subject_name" TEXT,
    "before" JSONB,
    "after" JSONB,
    "reason" TEXT,
    "data" JSONB NOT NULL,

    CONSTRAINT "ledger_pkey" PRIMARY KEY ("position")
);
CREATE UNIQUE INDEX "ledger_id_key" ON "ledger"("id");

-- People's names stand beside the ledger, which holds only "id" and "commitment" of them: SHA-256 of salt and name. An erased name leaves
-- its commitment, so that the chain of hashes stays as it is, and nobody can find the name again by guessing.
CREATE TABLE "ledger_name" (
    "id" UUID NOT NULL DEFAULT gen_random_uuid(),
    "name" TEXT,
    "salt" BYTEA,
    "commitment" BYTEA NOT NULL,
    "erased_at" TIMESTAMPTZ(3),

    CONSTRAINT "ledger_name_pkey" PRIMARY KEY ("id")
);
CREATE UNIQUE INDEX "ledger_name_name_key" ON "ledger_name"("name");

-- The id under which the ledger knows a person, made at the first event. Salt: two random UUIDs.
CREATE FUNCTION "ledger_name_of"("one" TEXT) RETURNS UUID LANGUAGE plpgsql VOLATILE AS $$
DECLARE
  "found" UUID;
  "fresh" BYTEA;
BEGIN
  SELECT "id" INTO "found" FROM "ledger_name" WHERE "name" = "one";
  IF "found" IS NOT NULL OR "one" IS NULL THEN
    RETURN "found";
  END IF;
  "fresh" := uuid_send(gen_random_uuid()) || uuid_send(gen_random_uuid());
  INSERT INTO "ledger_name" ("name", "salt", "commitment") VALUES ("one", "fresh", sha256("fresh" || convert_to("one", 'UTF8')))
  ON CONFLICT ("name") DO NOTHING;
  SELECT "id" INTO "found" FROM "ledger_name" WHERE "name" = "one";
  RETURN "found";
END $$;

-- What the old audit log holds. Its table goes: there is one ledger.
INSERT INTO "ledger_open" ("id", "at", "kind", "who_kind", "who_id", "who_name", "address", "door", "subject_kind", "subject_id", "subject_name",
                           "before", "after", "reason", "data")
SELECT a."id", a."at", 'audit.imported', w."kind",
       CASE w."kind" WHEN 'person' THEN "ledger_name_of"(a."actor") WHEN 'station' THEN (SELECT s."id" FROM "station" s WHERE s."name" = w."name") END,
       w."name", CASE WHEN a."action" IN ('login.fail', 'station.enrol-fail') THEN a."after" ->> 'address' END,
       CASE WHEN a."actor" = 'system (command line)' THEN 'command-line' WHEN a."actor" = 'system' THEN 'server' WHEN w."kind" = 'station' THEN 'agent' END,
       s."kind",
       CASE WHEN s."kind" IN ('attempt', 'key', 'release') THEN s."rest" WHEN s."kind" = 'person' THEN "ledger_name_of"(s."rest")::text END,
       CASE WHEN s."kind" NOT IN ('attempt', 'person', 'release') THEN s."rest" END,
       a."before", a."after", a."reason", jsonb_build_object('action', a."action")
  FROM (SELECT * FROM "audit_entry" ORDER BY "at", "id") a
 CROSS JOIN LATERAL (
   SELECT CASE WHEN a."actor" = 'nobody' THEN 'nobody' WHEN a."actor" LIKE 'system%' THEN 'system' WHEN a."actor" LIKE 'token %' THEN 'token'
               WHEN a."actor" LIKE 'station %' THEN 'station' ELSE 'person' END AS "kind",
          CASE WHEN a."actor" = 'nobody' THEN NULL WHEN a."actor" LIKE 'system%' THEN a."actor"
               WHEN a."actor" LIKE 'token %' OR a."actor" LIKE 'station %' THEN substr(a."actor", strpos(a."actor", ' ') + 1) END AS "name") w
 CROSS JOIN LATERAL (
   SELECT CASE WHEN a."subject" LIKE 'work order %' THEN 'order'
               WHEN split_part(a."subject", ' ', 1) IN ('attempt', 'key', 'line', 'machine', 'person', 'plant', 'product', 'release', 'station', 'token')
               THEN split_part(a."subject", ' ', 1) ELSE 'other' END AS "kind",
          CASE WHEN a."subject" LIKE 'work order %' THEN substr(a."subject", 12)
               WHEN split_part(a."subject", ' ', 1) IN ('attempt', 'key', 'line', 'machine', 'person', 'plant', 'product', 'release', 'station', 'token')
               THEN substr(a."subject", strpos(a."subject", ' ') + 1) ELSE a."subject" END AS "rest") s;
DROP TABLE "audit_entry";

-- What was written stays. An open event goes only when it stands in the ledger; of a name only the name itself goes.
CREATE TRIGGER "ledger_append_only" BEFORE UPDATE OR DELETE ON "ledger"
  FOR EACH ROW EXECUTE FUNCTION "refuse_change"();
CREATE TRIGGER "ledger_no_truncate" BEFORE TRUNCATE ON "ledger"
  FOR EACH STATEMENT EXECUTE FUNCTION "refuse_change"();
CREATE TRIGGER "ledger_open_no_update" BEFORE UPDATE ON "ledger_open"
  FOR EACH ROW EXECUTE FUNCTION "refuse_change"();
CREATE TRIGGER "ledger_open_no_truncate" BEFORE TRUNCATE ON "ledger_open"
  FOR EACH STATEMENT EXECUTE FUNCTION "refuse_change"();
CREATE FUNCTION "refuse_unsealed"() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF NOT EXISTS (SELECT FROM "ledger" WHERE "id" = OLD."id") THEN
    RAISE EXCEPTION 'an event that is not sealed cannot be removed' USING ERRCODE = 'insufficient_privilege';
  END IF;
  RETURN OLD;
END $$;
CREATE TRIGGER "ledger_open_no_delete" BEFORE DELETE ON "ledger_open"
  FOR EACH ROW EXECUTE FUNCTION "refuse_unsealed"();
CREATE FUNCTION "only_erase"() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF NEW."name" IS NOT NULL OR NEW."salt" IS NOT NULL OR NEW."erased_at" IS NULL
     OR OLD."name" IS NULL OR (OLD."id", OLD."commitment") IS DISTINCT FROM (NEW."id", NEW."commitment") THEN
    RAISE EXCEPTION 'a name can only be erased' USING ERRCODE = 'insufficient_privilege';
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER "ledger_name_only_erased" BEFORE UPDATE ON "ledger_name"
  FOR EACH ROW EXECUTE FUNCTION "only_erase"();
CREATE TRIGGER "ledger_name_kept" BEFORE DELETE ON "ledger_name"
  FOR EACH ROW EXECUTE FUNCTION "refuse_change"();
CREATE TRIGGER "ledger_name_no_truncate" BEFORE TRUNCATE ON "ledger_name"
  FOR EACH STATEMENT EXECUTE FUNCTION "refuse_change"();
