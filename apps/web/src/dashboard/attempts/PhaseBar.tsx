import { duration } from "../../shared/format.ts";
import { phasesOf } from "./phases.ts";

interface Props {
  readonly phaseMs: Readonly<Record<string, number>>;
  readonly failedIn: string | null;
}

/** Where the time went; the phase that failed is striped and named. */
export function PhaseBar({ phaseMs, failedIn }: Props) {
  const phases = phasesOf(phaseMs);
  if (phases.length === 0) return null;
  return (
    <div className="phases">
      <div className="phase-bar" aria-hidden="true">
        {phases.map((phase) => (
          <i
            key={phase.name}
            className={`p-${phase.name} ${phase.name === failedIn ? "failed" : ""}`}
            style={{ flexGrow: Math.max(phase.share, 0.012) }}
          />
        ))}
      </div>
      <ul>
        {phases.map((phase) => (
          <li key={phase.name}>
            <i className={`p-${phase.name} ${phase.name === failedIn ? "failed" : ""}`} />
            {phase.name} {phase.name === failedIn && <b>failed </b>}
            <span className="soft">{duration(phase.ms)}</span>
          </li>
        ))}
      </ul>
    </div>
  );
}
