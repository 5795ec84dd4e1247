-- The list of units shows each one's last attempt: by its jobs, the finished ones too.
CREATE INDEX "job_unit_id_idx" ON "job"("unit_id");
