-- By its network cards a PC is known that has another one's machine id, because its disk is a copy.
ALTER TABLE "station" ADD COLUMN "hardware" TEXT[] DEFAULT ARRAY[]::TEXT[],
ADD COLUMN "elsewhere_at" TIMESTAMPTZ(3);

-- What the station's doctor found last, and when that came.
ALTER TABLE "station" ADD COLUMN "doctor" JSONB,
ADD COLUMN "doctor_at" TIMESTAMPTZ(3);
