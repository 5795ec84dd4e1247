/**
 * A column that lets its statement's commit not wait for the disk. For what may be lost by a power cut of the database's machine,
 * because it is done again or was only a hint. Everything that is committed later on waits for the disk with it: what somebody was
 * told on the strength of it is never ahead of it. Only in a statement of its own, since it holds to the end of the transaction.
 * PostgreSQL 18, "Asynchronous Commit".
 */
export const LOSABLE = "set_config('synchronous_commit', 'off', true) AS losable";
