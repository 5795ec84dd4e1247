import {
  GOLDEN_AREAS,
  GOLDEN_CYCLES,
  GOLDEN_EVERY,
  GOLDEN_OVERDUE,
  type GoldenRule,
  type GoldenView,
  type PlantView,
} from "@flashline/contract";
import { useQuery } from "@tanstack/react-query";
import { count } from "../../shared/format.ts";
import { Act } from "../act/Act.tsx";
import { ChoiceField, NumberField, TextField } from "../act/fields.tsx";
import type { FormState } from "../act/form.ts";
import { call } from "../api/client.ts";
import { queries } from "../api/queries.ts";

const named = (names: readonly string[]): readonly (readonly [string, string])[] => [
  ["", "Choose"],
  ...names.map((name) => [name, name] as const),
];

interface NewGolden {
  readonly serial: string;
  readonly plant: string;
  readonly product: string;
  readonly version: string;
  readonly reason: string;
  readonly cycles: number | null;
  readonly areas: number | null;
}

export function AddGolden() {
  const plants = useQuery(queries.plants()).data ?? [];
  const products = (useQuery(queries.products()).data ?? []).filter(
    ({ retiredAt }) => retiredAt === null,
  );
  return (
    <Act
      label="Register a golden unit"
      title="Register a golden unit"
      needs="addGolden"
      weight="first"
      size="sm"
      verb={({ serial }) => (serial.trim() === "" ? "Register" : `Register ${serial.trim()}`)}
      initial={
        {
          serial: "",
          plant: plants[0]?.name ?? "",
          product: "",
          version: "",
          reason: "",
          cycles: GOLDEN_CYCLES,
          areas: GOLDEN_AREAS,
        } satisfies NewGolden as NewGolden
      }
      ready={({ serial, plant, product, version, cycles, areas }) =>
        [serial, plant, product, version].every((text) => text.trim() !== "") &&
        cycles !== null &&
        areas !== null
      }
      run={({ serial, plant, product, version, cycles, areas, reason }) =>
        call("addGolden", {
          body: {
            serial: serial.trim(),
            plant,
            product,
            version: version.trim(),
            reason,
            cycles: cycles ?? GOLDEN_CYCLES,
            areas: areas ?? GOLDEN_AREAS,
          },
        })
      }
      affects={["golden"]}
      done={({ body, status }) =>
        status === 200
          ? `Golden unit ${body.serial} is there already, just so.`
          : `Golden unit ${body.serial} was registered. Scan it at a nest.`
      }
    >
      {(form) => (
        <>
          <TextField form={form} name="serial" label="Serial on its label" mono required />
          <div className="pair">
            <ChoiceField
              form={form}
              name="plant"
              label="Plant"
              required
              choices={named(plants.map(({ name }) => name))}
            />
            <ChoiceField
              form={form}
              name="product"
              label="Product"
              required
              choices={named(products.map(({ name }) => name))}
            />
          </div>
          <Version form={form} />
          <NumberField
            form={form}
            name="cycles"
            label="Erase cycles that a sector may have"
            hint="The datasheet of the STM32F4 gives 10,000."
            least={1}
            most={1_000_000}
          />
          <NumberField
            form={form}
            name="areas"
            label="Areas"
            hint="Each check erases and writes one of so many parts of the image, in turn."
            least={1}
            most={64}
          />
          <p>
            {`A check overwrites a part of this unit's flash. ${count((form.values.cycles ?? 0) * (form.values.areas ?? 0))} checks are possible at most.`}
          </p>
        </>
      )}
    </Act>
  );
}

function Version({ form }: { readonly form: FormState<NewGolden> }) {
  const { product } = form.values;
  const names = useQuery({ ...queries.releaseNames(product), enabled: product !== "" });
  return <TextField form={form} name="version" label="Release" list={names.data ?? []} required />;
}

export function RetireGolden({ unit }: { readonly unit: GoldenView }) {
  return (
    <Act
      label="Retire"
      title={`Retire ${unit.serial}?`}
      needs="retireGolden"
      weight="danger"
      verb="Retire it"
      initial={{ reason: "" }}
      run={({ reason }) =>
        call("retireGolden", { params: { serial: unit.serial }, body: { reason } })
      }
      affects={["golden"]}
      done={({ body }) => `Golden unit ${body.serial} is used no more.`}
    >
      {() => <p>It checks no nest any more, and its serial stays taken. This cannot be undone.</p>}
    </Act>
  );
}

const EVERY = { never: "never", shift: "once a shift", hours: "every so many hours" } as const;
const OVERDUE = { warn: "show it", block: "start nothing else there" } as const;

export function SetRule({ plant, rule }: { readonly plant: PlantView; readonly rule: GoldenRule }) {
  return (
    <Act
      label="Change"
      title={`How often nests of ${plant.name} are checked`}
      needs="setGoldenRule"
      verb="Set it"
      initial={{
        every: rule.every as string,
        overdue: rule.overdue as string,
        reason: "",
        hours: rule.hours as number | null,
      }}
      ready={({ every, overdue, hours }) =>
        hours !== null && (every !== rule.every || overdue !== rule.overdue || hours !== rule.hours)
      }
      run={({ every, overdue, hours, reason }) =>
        call("setGoldenRule", {
          params: { id: plant.id },
          body: {
            every: GOLDEN_EVERY.find((one) => one === every) ?? "never",
            overdue: GOLDEN_OVERDUE.find((one) => one === overdue) ?? "warn",
            hours: hours ?? rule.hours,
            reason,
          },
        })
      }
      affects={["golden"]}
      done={() => `It holds for every nest of ${plant.name} from now on.`}
    >
      {(form) => (
        <>
          <ChoiceField form={form} name="every" label="Each nest" choices={Object.entries(EVERY)} />
          {form.values.every === "hours" && (
            <NumberField form={form} name="hours" label="Hours" least={1} most={8_760} />
          )}
          <ChoiceField
            form={form}
            name="overdue"
            label="When a check is due"
            choices={Object.entries(OVERDUE)}
          />
          <p>
            {form.values.every === "never"
              ? "No nest is due. A golden unit can be scanned at any time all the same."
              : form.values.overdue === "block"
                ? "A nest that was never checked is due at once: its units wait until a golden unit has passed there."
                : "A nest that was never checked is due at once, and its card says so."}
          </p>
        </>
      )}
    </Act>
  );
}
