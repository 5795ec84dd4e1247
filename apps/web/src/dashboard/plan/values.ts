/** Whatever product is made. */
export const ANY = "";

/** What the dialog asks by which a plan is set. */
export interface PlanValues {
  /** Plant and line, as JSON. */
  line: string;
  shift: string;
  first: string;
  last: string;
  weekends: boolean;
  rows: readonly { readonly product: string; readonly units: number | null }[];
  reason: string;
}
