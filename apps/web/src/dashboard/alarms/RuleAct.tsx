import { ALARM_RULES, type AlarmRuleEntry, type AlarmRuleView } from "@flashline/contract";
import { NumberInput } from "@mantine/core";
import { count } from "../../shared/format.ts";
import { Act } from "../act/Act.tsx";
import { ChoiceField } from "../act/fields.tsx";
import { call } from "../api/client.ts";
import { Trial } from "./Trial.tsx";

/** A setting is null while its field is empty. */
type Settings = Readonly<Record<string, number | null>>;

/** The settings, once none of them is missing. */
function whole(settings: Settings): Readonly<Record<string, number>> | null {
  const given = Object.entries(settings).flatMap(([name, value]) =>
    value === null ? [] : [[name, value] as const],
  );
  return given.length === Object.keys(settings).length ? Object.fromEntries(given) : null;
}

const sentenceCase = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1);

/** Switches a rule, sets it, and tries it before. */
export function RuleAct({ rule }: { readonly rule: AlarmRuleView }) {
  const bounds: AlarmRuleEntry["settings"] = ALARM_RULES[rule.rule].settings;
  return (
    <Act
      label="Change"
      title={rule.plant === null ? rule.rule : `${rule.rule} in ${rule.plant}`}
      needs="setAlarmRule"
      wide
      verb="Set the rule"
      initial={{
        on: rule.enabled ? "on" : "off",
        settings: rule.settings as Settings,
        reason: "",
      }}
      ready={({ settings }) => whole(settings) !== null}
      run={({ on, settings, reason }) =>
        call("setAlarmRule", {
          params: { rule: rule.rule },
          body: {
            enabled: on === "on",
            settings: { ...whole(settings) },
            reason,
            ...(rule.plant === null ? {} : { plant: rule.plant }),
          },
        })
      }
      affects={["alarm-rules", "alarms"]}
      done={({ body }) => `${body.rule} is ${body.enabled ? "on" : "off"}.`}
    >
      {(form) => (
        <>
          <p>{rule.says}</p>
          <ChoiceField
            form={form}
            name="on"
            label="Switch"
            choices={[
              ["on", "On"],
              ["off", "Off: what is open ends"],
            ]}
          />
          <div className="pair">
            {Object.entries(rule.meaning).map(([name, meaning]) => {
              const { least = 0, most = 1_000_000 } = bounds[name] ?? {};
              return (
                <NumberInput
                  key={name}
                  label={sentenceCase(meaning)}
                  description={`Usually ${rule.usual[name]}; ${count(least)} to ${count(most)}. By the API: ${name}`}
                  required
                  min={least}
                  max={most}
                  step={most <= 1 ? 0.01 : 1}
                  value={form.values.settings[name] ?? ""}
                  onChange={(value) =>
                    form.set("settings", {
                      ...form.values.settings,
                      [name]: value === "" ? null : Number(value),
                    })
                  }
                />
              );
            })}
          </div>
          <Trial rule={rule} settings={whole(form.values.settings)} />
        </>
      )}
    </Act>
  );
}
