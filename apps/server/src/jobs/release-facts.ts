import { z } from "zod";
import { jobExceptionSql, liftedSql } from "../db/exception.ts";

/** What a job's release is now, and what an exception says of it: enough to tell why it may not be started. */
export const ReleaseFacts = z.object({
  version: z.string(),
  state: z.string(),
  expired: z.boolean(),
  /** The job's exception lifts what stands in the way. */
  lifted: z.boolean(),
  exception: z.string().nullable(),
});
export type ReleaseFacts = Readonly<z.output<typeof ReleaseFacts>>;

/** SQL: {@link ReleaseFacts} of the job `j` with the release `r`. */
export const RELEASE_FACTS_SQL = `json_build_object('version', r.version, 'state', r.state, 'expired', coalesce(r.expires_at <= now(), false),
         'lifted', ${liftedSql("j", "r")}, 'exception', ${jobExceptionSql("j")})`;
