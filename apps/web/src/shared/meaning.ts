import { describeCode } from "@flashline/contract";

/** What a code says happened, in one sentence. The server sends the code alone. */
export const meaningOf = (code: string): string => describeCode(code).meaning;
