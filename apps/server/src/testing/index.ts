// For what starts servers as processes from another room of the repository, such as the bench: a seeded plant and real parts.
export { checkBackup } from "../backup/check.ts";
export { loadDatabase } from "../backup/load.ts";
export {
  type Evidence,
  eValue,
  firstBlock,
  NO_EVIDENCE,
  PAUSE_AT,
  SAME_TIME_MS,
  type Trial,
  withBlock,
} from "../canary/evidence.ts";
export { familyOf, postmasterOf, withClient } from "../chaos/postgres-process.ts";
export { openDatabase } from "../db/database.ts";
export { startEmbedded } from "../db/embedded/cluster.ts";
export { MIGRATIONS, migrationNames, readMigration } from "../db/migrate.ts";
export { newId } from "../ids.ts";
export { fingerprint, resultOf } from "../jobs/testing.ts";
export { rebuildVerdict } from "../judging/rebuild.ts";
export { seedPlant } from "./plant.ts";
export { type ServerProcess, startServerProcess } from "./process.ts";
export { randomFrom } from "./random.ts";
export { startRedis } from "./redis.ts";
export type { Seed, SeededStation } from "./seed.ts";
export { readToken } from "./token.ts";
