-- In which order the units of a day are by serial. Serials grow with time, so that whoever reads all units in their order reads all older ones first.
CREATE TABLE "attempt_day" (
    "day" DATE NOT NULL,
    "serial" TEXT COLLATE "C" NOT NULL,
    "unit_id" UUID NOT NULL,
    "accepted_at" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "attempt_day_pkey" PRIMARY KEY ("day", "serial", "unit_id", "accepted_at")
);

CREATE FUNCTION "keep_day_of_attempt"() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  INSERT INTO "attempt_day" ("day", "serial", "unit_id", "accepted_at")
  SELECT (NEW."accepted_at" AT TIME ZONE 'UTC')::date, u."serial", u."id", NEW."accepted_at" FROM "unit" u WHERE u."id" = NEW."unit_id"
  ON CONFLICT DO NOTHING;
  RETURN NULL;
END $$;
CREATE TRIGGER "attempt_day_added" AFTER INSERT OR UPDATE OF "accepted_at" ON "attempt" FOR EACH ROW EXECUTE FUNCTION "keep_day_of_attempt"();

INSERT INTO "attempt_day" ("day", "serial", "unit_id", "accepted_at")
SELECT DISTINCT (a."accepted_at" AT TIME ZONE 'UTC')::date, u."serial" COLLATE "C", u."id", a."accepted_at"
  FROM "attempt" a JOIN "unit" u ON u."id" = a."unit_id";
