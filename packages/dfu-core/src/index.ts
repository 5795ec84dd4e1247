export { Blame, type CodeEntry, ENGINE_CODES, type EngineCode } from "./codes.ts";
