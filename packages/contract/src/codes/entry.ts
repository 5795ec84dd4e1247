import { Blame, type CodeEntry } from "@flashline/dfu-core/codes";

/** A row of the code table, with what only the server needs. */
export interface ContractCodeEntry extends CodeEntry {
  /** HTTP status where a request is answered with this code. */
  readonly status?: number;
}

const entry =
  (blame: Blame) =>
  (status: number, action: string, meaning: string): ContractCodeEntry => ({
    blame,
    link: false,
    action,
    meaning,
    status,
  });
/** Rows by whose fault it is: HTTP status, what its reader does in at most eight words, and what it means. */
export const operator = entry(Blame.Operator);
export const image = entry(Blame.Image);
export const unit = entry(Blame.Unit);
export const host = entry(Blame.Host);
export const system = entry(Blame.System);

/** What an operator does about what no operator can mend. */
export const CALL = "Call the lead.";
