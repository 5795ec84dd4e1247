import type { AlarmRuleView, AlarmTrial } from "@flashline/contract";
import { useMutation } from "@tanstack/react-query";
import { counted } from "../../shared/format.ts";
import { DataTable } from "../act/DataTable.tsx";
import { useAllowed } from "../act/rights.ts";
import { call } from "../api/client.ts";
import { usePlantZone } from "../parts/PageHead.tsx";
import { ErrorNote } from "../parts/states.tsx";
import { when } from "../parts/time.ts";

interface Props {
  readonly rule: AlarmRuleView;
  /** Null while one of them is missing. */
  readonly settings: Readonly<Record<string, number>> | null;
}

/** What the rule would have said of the last 14 days with the settings as they stand in the form. */
export function Trial({ rule, settings }: Props) {
  const isAllowed = useAllowed("tryAlarmRule");
  const trial = useMutation({
    // With what it was tried stays beside what it said: the form may say something else by then.
    mutationFn: async (tried: Props["settings"]) =>
      (
        await call("tryAlarmRule", {
          params: { rule: rule.rule },
          body: {
            settings: { ...tried },
            ...(rule.plant === null ? {} : { plant: rule.plant }),
          },
        })
      ).body,
  });
  if (!isAllowed) return null;
  return (
    <div className="trial-box">
      <button
        type="button"
        className="b"
        disabled={trial.isPending || settings === null}
        onClick={() => trial.mutate(settings)}
      >
        {trial.isPending ? "Reading …" : "Try on the last 14 days"}
      </button>
      {trial.error !== null && <ErrorNote error={trial.error} />}
      {trial.data !== undefined &&
        (isSame(trial.variables, settings) ? (
          <Result trial={trial.data} />
        ) : (
          <p className="soft" role="status">
            The settings were changed since the last trial. Try them again.
          </p>
        ))}
    </div>
  );
}

const isSame = (one: unknown, other: unknown): boolean =>
  JSON.stringify(one) === JSON.stringify(other);

function sayTrial({ would, raised, from, to }: AlarmTrial): string {
  const days = Math.max(1, Math.round((Date.parse(to) - Date.parse(from)) / 86_400_000));
  const time = `in the last ${counted(days, "day")}`;
  const were = `There ${raised === 1 ? "was" : "were"} ${raised} ${time}, with the settings of then.`;
  return would === null
    ? `What this rule looks at is not kept, so nobody can tell what it would have said. ${were}`
    : `These settings would have raised ${counted(would, "alarm")} ${time}. ${were}`;
}

function Result({ trial }: { readonly trial: AlarmTrial }) {
  const zone = usePlantZone();
  return (
    <div role="status">
      <p>{sayTrial(trial)}</p>
      {trial.alarms.length > 0 && (
        <DataTable
          name={`Trial of ${trial.rule}`}
          rows={trial.alarms}
          keyOf={({ at, subject }) => `${at} ${subject.name}`}
          columns={[
            {
              name: "Raised",
              csv: ({ at }) => at,
              cell: ({ at }) => <span className="soft">{when(at, zone)}</span>,
            },
            {
              name: "Alarm",
              csv: ({ message }) => message,
              cell: ({ message }) => message,
              className: "wrap",
            },
            {
              name: "Over",
              csv: ({ until }) => until,
              cell: ({ until }) => (
                <span className="soft">{until === null ? "still open" : when(until, zone)}</span>
              ),
              isFigure: true,
            },
          ]}
        />
      )}
    </div>
  );
}
