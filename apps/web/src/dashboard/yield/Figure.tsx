import type { Proportion } from "@flashline/contract";
import { count, percent, range, tick } from "../../shared/format.ts";
import { IntervalBar } from "../parts/IntervalBar.tsx";
import { FEW } from "../parts/interval.ts";

interface FigureProps {
  readonly name: string;
  readonly value: string;
  readonly children?: React.ReactNode;
}

export function Figure({ name, value, children }: FigureProps) {
  return (
    <div className="figure">
      <span className="name">{name}</span>
      <b className="value">{value}</b>
      <span className="under">{children}</span>
    </div>
  );
}

interface ProportionProps {
  readonly name: string;
  readonly value: Proportion;
  readonly kind: "yield" | "rate";
  /** Figures that are compared have one axis. */
  readonly domain: readonly [number, number];
  /** What n counts. */
  readonly of: React.ReactNode;
  readonly children: React.ReactNode;
}

/** A share never stands alone: its interval is drawn and its n is told; of too few it is grey and says so. */
export function ProportionFigure({ name, value, kind, domain, of, children }: ProportionProps) {
  const few = value.n < FEW;
  const [left, right] = domain.map(tick);
  return (
    <div className={`figure ${few ? "few" : ""}`}>
      <span className="name">{name}</span>
      <b className="value">{value.share === null ? "–" : percent(value.share)}</b>
      <IntervalBar
        value={value}
        domain={domain}
        width={168}
        tone={kind === "yield" ? "pass" : "plain"}
      />
      <span className="ends">
        <span>{left}</span>
        <span>{right}</span>
      </span>
      <span className="under">
        {value.share !== null && `${range(value.low, value.high)} · `}
        {count(value.count)} of {of}
      </span>
      {few && <span className="under">too few to say (under {FEW})</span>}
      <span className="under">{children}</span>
    </div>
  );
}
