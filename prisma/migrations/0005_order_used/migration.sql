-- Jobs that use up an order's quantity, kept where they would be counted several times for each unit: open, passed or unknown.
ALTER TABLE "work_order" ADD COLUMN "used" INTEGER NOT NULL DEFAULT 0;
UPDATE "work_order" w SET "used" = (SELECT count(*) FROM "job" j WHERE j."work_order_id" = w."id"
  AND j."state" IN ('QUEUED', 'OFFERED', 'LEASED', 'RUNNING', 'PASSED', 'UNKNOWN'));

-- After the row of the job: the order is the last row that a transaction locks.
CREATE FUNCTION "count_used"() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF TG_OP = 'INSERT' THEN
    UPDATE "work_order" SET "used" = "used" + 1 WHERE "id" = NEW."work_order_id" AND "used" < "quantity";
    IF NOT FOUND THEN
      RAISE EXCEPTION 'the work order has no unit left' USING ERRCODE = 'check_violation', CONSTRAINT = 'work_order_quantity';
    END IF;
  ELSIF NEW."state" IN ('QUEUED', 'OFFERED', 'LEASED', 'RUNNING', 'PASSED', 'UNKNOWN') THEN
    UPDATE "work_order" SET "used" = "used" + 1 WHERE "id" = NEW."work_order_id";
  ELSE
    UPDATE "work_order" SET "used" = "used" - 1 WHERE "id" = NEW."work_order_id";
  END IF;
  RETURN NULL;
END $$;
CREATE TRIGGER "job_used_added" AFTER INSERT ON "job" FOR EACH ROW
  WHEN (NEW."state" IN ('QUEUED', 'OFFERED', 'LEASED', 'RUNNING', 'PASSED', 'UNKNOWN'))
  EXECUTE FUNCTION "count_used"();
CREATE TRIGGER "job_used_moved" AFTER UPDATE OF "state" ON "job" FOR EACH ROW
  WHEN ((OLD."state" IN ('QUEUED', 'OFFERED', 'LEASED', 'RUNNING', 'PASSED', 'UNKNOWN'))
     <> (NEW."state" IN ('QUEUED', 'OFFERED', 'LEASED', 'RUNNING', 'PASSED', 'UNKNOWN')))
  EXECUTE FUNCTION "count_used"();
