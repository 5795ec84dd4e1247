import type { OperatorRules, StationOperators } from "@flashline/contract";
import { useQuery } from "@tanstack/react-query";
import { Act } from "../act/Act.tsx";
import { ChoiceField, NumberField, TextField } from "../act/fields.tsx";
import { call } from "../api/client.ts";
import { manage } from "../api/manage.ts";
import { Facts } from "../parts/Facts.tsx";
import { Answered } from "../parts/states.tsx";

const AS_PLANT = "plant";
const YES_NO = (yes: string, no: string) =>
  [
    [AS_PLANT, "As its plant"],
    ["yes", yes],
    ["no", no],
  ] as const;
const word = (own: boolean | null): string => (own === null ? AS_PLANT : own ? "yes" : "no");
const meant = (chosen: string): boolean | null => (chosen === AS_PLANT ? null : chosen === "yes");

/** How people work here, in sentences. */
export const operatorFacts = (rules: OperatorRules): readonly (readonly [string, string])[] => [
  ["Without a badge", rules.required ? "nobody starts a unit" : "units are started too"],
  ["Badges begin with", rules.badgePrefix],
  [
    "Who does nothing",
    rules.idleMinutes === 0 ? "stays logged in" : `is logged out after ${rules.idleMinutes} min`,
  ],
  [
    "At the shift's end",
    rules.shiftEnd ? "who is logged in is logged out" : "people stay logged in",
  ],
];

/** How people work at one station, and what of it differs from its plant. */
export function Operators({ station }: { readonly station: string }) {
  const operators = useQuery(manage.stationOperators(station));
  return (
    <section className="card" aria-label="Operators">
      <Answered query={operators} lines={2}>
        {(data) => {
          const isOwn = Object.values(data.own).some((value) => value !== null);
          return (
            <>
              <div className="card-head">
                <h2>
                  Operators{" "}
                  <span className="soft small">
                    {isOwn ? "with settings of its own" : "as its plant says"}
                  </span>
                </h2>
                <span className="row-acts">
                  <SetOperators station={station} operators={data} />
                </span>
              </div>
              <Facts items={operatorFacts(data.rules)} />
            </>
          );
        }}
      </Answered>
    </section>
  );
}

function SetOperators({
  station,
  operators: { own },
}: {
  readonly station: string;
  readonly operators: StationOperators;
}) {
  return (
    <Act
      label="Change"
      title={`How people work at ${station}`}
      needs="setStationOperators"
      verb="Set it"
      initial={{
        required: word(own.required),
        shiftEnd: word(own.shiftEnd),
        badgePrefix: own.badgePrefix ?? "",
        idleMinutes: own.idleMinutes,
        reason: "",
      }}
      run={({ required, shiftEnd, badgePrefix, idleMinutes, reason }) =>
        call("setStationOperators", {
          params: { id: station },
          body: {
            required: meant(required),
            shiftEnd: meant(shiftEnd),
            badgePrefix: badgePrefix.trim() === "" ? null : badgePrefix.trim(),
            idleMinutes,
            reason,
          },
        })
      }
      affects={["operators"]}
      done={() => `${station} has its settings with the next scan.`}
    >
      {(form) => (
        <>
          <ChoiceField
            form={form}
            name="required"
            label="Units without a badge"
            choices={YES_NO("Refused: somebody must be logged in", "Started too")}
          />
          <ChoiceField
            form={form}
            name="shiftEnd"
            label="At the shift's end"
            choices={YES_NO("Log out who is logged in", "People stay logged in")}
          />
          <div className="pair">
            <TextField
              form={form}
              name="badgePrefix"
              label="Badges begin with"
              hint="Empty: as its plant"
              mono
            />
            <NumberField
              form={form}
              name="idleMinutes"
              label="Minutes of doing nothing"
              hint="Then log out; 0 never, empty as its plant"
              least={0}
              most={1440}
            />
          </div>
        </>
      )}
    </Act>
  );
}
