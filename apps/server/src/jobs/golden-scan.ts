import type { GoldenScan } from "@flashline/contract";
import type { JobRefusal } from "./refusal.ts";

/** What a scan of a golden unit may do in a nest. */
export type GoldenScanned =
  | { readonly kind: "refused"; readonly refusal: JobRefusal }
  | {
      readonly kind: "may";
      readonly product: string;
      readonly version: string;
      readonly golden: GoldenScan;
    };
