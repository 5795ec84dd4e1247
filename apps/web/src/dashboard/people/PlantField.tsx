import type { PlantView } from "@flashline/contract";
import { ChoiceField } from "../act/fields.tsx";
import { type FormWith, partOf } from "../act/form.ts";

/** In whose stations a person's badge counts. */
export function PlantField({
  form,
  plants,
}: {
  readonly form: FormWith<{ plant: string }>;
  readonly plants: readonly PlantView[];
}) {
  return (
    <ChoiceField
      form={partOf(form)}
      name="plant"
      label="Plant"
      hint="In its stations the person's badge counts; pages are not restricted by it"
      choices={[["", "All plants"], ...plants.map(({ name }) => [name, name] as const)]}
    />
  );
}
