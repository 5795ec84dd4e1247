-- Where stations stood: what was made there stays counted there. A station that never moved has one row, of all times.
CREATE TABLE "station_line" (
    "station_id" UUID NOT NULL,
    "since" TIMESTAMPTZ(3) NOT NULL DEFAULT '-infinity',
    "line_id" UUID NOT NULL,
    "until" TIMESTAMPTZ(3) NOT NULL DEFAULT 'infinity',

    CONSTRAINT "station_line_pkey" PRIMARY KEY ("station_id", "since")
);
CREATE INDEX "station_line_line_id_idx" ON "station_line"("line_id");
ALTER TABLE "station_line" ADD CONSTRAINT "station_line_station_id_fkey" FOREIGN KEY ("station_id") REFERENCES "station"("id") ON DELETE CASCADE ON UPDATE CASCADE;
ALTER TABLE "station_line" ADD CONSTRAINT "station_line_line_id_fkey" FOREIGN KEY ("line_id") REFERENCES "line"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

CREATE FUNCTION keep_station_line() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF TG_OP = 'INSERT' THEN
    INSERT INTO station_line (station_id, line_id) VALUES (NEW.id, NEW.line_id);
  ELSE
    UPDATE station_line SET until = now() WHERE station_id = NEW.id AND until = 'infinity';
    INSERT INTO station_line (station_id, since, line_id) VALUES (NEW.id, now(), NEW.line_id)
    ON CONFLICT (station_id, since) DO UPDATE SET line_id = excluded.line_id, until = 'infinity';
  END IF;
  RETURN NULL;
END $$;
CREATE TRIGGER station_line_added AFTER INSERT ON "station" FOR EACH ROW EXECUTE FUNCTION keep_station_line();
CREATE TRIGGER station_line_moved AFTER UPDATE OF "line_id" ON "station" FOR EACH ROW
  WHEN (OLD.line_id IS DISTINCT FROM NEW.line_id) EXECUTE FUNCTION keep_station_line();
-- After the triggers: a station that is added meanwhile waits for this transaction.
INSERT INTO "station_line" ("station_id", "line_id") SELECT "id", "line_id" FROM "station";

-- What is retired takes nothing new and is offered nowhere; its history stays.
ALTER TABLE "plant" ADD COLUMN "retired_at" TIMESTAMPTZ(3);
ALTER TABLE "line" ADD COLUMN "retired_at" TIMESTAMPTZ(3);
