import type { PlantView } from "@flashline/contract";
import { ChoiceField } from "../act/fields.tsx";
import type { FormState } from "../act/form.ts";

/** In whose stations a person's badge counts. */
export function PlantField<V extends { plant: string }>({
  form,
  plants,
}: {
  readonly form: FormState<V>;
  readonly plants: readonly PlantView[];
}) {
  return (
    <ChoiceField
      form={form as unknown as FormState<{ plant: string }>}
      name="plant"
      label="Plant"
      hint="In its stations the person's badge counts; pages are not restricted by it"
      choices={[["", "All plants"], ...plants.map(({ name }) => [name, name] as const)]}
    />
  );
}
