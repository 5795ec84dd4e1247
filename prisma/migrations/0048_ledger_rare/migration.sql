-- What the audit is asked for by a kind of subject or of doer alone, in the order of positions. Nearly all events are of attempts and by stations: whoever
-- asks for these finds them without an index, so that an event of a unit costs no more than before.
CREATE INDEX "ledger_rare_subject" ON "ledger"("subject_kind", "position") WHERE "subject_kind" <> 'attempt';
CREATE INDEX "ledger_rare_who" ON "ledger"("who_kind", "position") WHERE "who_kind" <> 'station';
