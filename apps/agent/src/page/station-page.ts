import type {
  DoctorReport,
  LabelDecision,
  NestChange,
  OverrideAnswer,
  StationPageView,
} from "@flashline/contract";
import type { Resent } from "../deliver/resend.ts";

/** What the page's API works on. */
export interface StationPage {
  view(): StationPageView;
  /** Calls `listener` after changes, not more than some 20 times a second; returns how to stop. */
  subscribe(listener: (view: StationPageView) => void): () => void;
  scan(text: string): void;
  start(nest: string | undefined): void;
  acknowledge(nest: string): void;
  /** Why a refused unit is let through, by whoever is asked; null: it is not. `other`: the next scan says why. */
  decide(answer: OverrideAnswer | null): void;
  /** A label is wanted once more: of this nest, or (null) of the one that waits, or of the unit that is scanned next. */
  askLabel(nest: string | null): void;
  /** Why, by whoever is asked; null: nothing is printed. */
  decideLabel(decision: LabelDecision | null): void;
  callLead(): void;
  /** The lead is there, or is not needed any more. */
  endCall(): void;
  /** Resolves when the change is kept here and at the server; nothing has changed when it rejects. */
  changeNests(change: NestChange): Promise<void>;
  /** What is wrong with this PC, looked at now. */
  doctor(): Promise<DoctorReport>;
  /** Sends results again that the server refused for good. */
  resend(): Promise<Resent>;
}
