import { useQuery } from "@tanstack/react-query";
import { CheckField, ChoiceField, TextField } from "../act/fields.tsx";
import { type FormState, type FormWith, partOf } from "../act/form.ts";
import { wordsOf } from "../act/typed.ts";
import { manage } from "../api/manage.ts";
import { PatternTester } from "./PatternTester.tsx";
import { unusable } from "./pattern.ts";

export interface ProductValues {
  title: string;
  boardRevisions: string;
  serialPattern: string;
  registration: "listed" | "pattern";
  allowVirtual: boolean;
}
export interface NewProductValues extends ProductValues {
  name: string;
  chip: string;
}

const REGISTRATIONS = [
  ["listed", "Only serials that were imported before"],
  ["pattern", "Any serial that matches, at its first scan"],
] as const;

/** What the server is asked for. */
export const propertiesOf = (values: ProductValues) => ({
  title: values.title.trim(),
  boardRevisions: wordsOf(values.boardRevisions),
  serialPattern: values.serialPattern.trim() === "" ? null : values.serialPattern.trim(),
  registration: values.registration,
  allowVirtual: values.allowVirtual,
});

export const isProductReady = ({ serialPattern, registration }: ProductValues): boolean =>
  unusable(serialPattern.trim()) === undefined &&
  (registration === "listed" || serialPattern.trim() !== "");

/** What names a product for good. */
export function NewProductFields({ form }: { readonly form: FormState<NewProductValues> }) {
  const parts = useQuery(manage.parts());
  return (
    <div className="pair">
      <TextField
        form={form}
        name="name"
        label="Name"
        required
        hint="As on orders and labels. It stays."
        maxLength={120}
      />
      <TextField
        form={form}
        name="chip"
        label="Chip"
        required
        mono
        hint="From the part table. It stays."
        placeholder="STM32F407"
        list={(parts.data ?? []).flatMap((part) => part.aliases.map((alias) => `STM32${alias}`))}
      />
    </div>
  );
}

/** What may be changed of it later. */
export function ProductFields({ form }: { readonly form: FormWith<ProductValues> }) {
  const own = partOf(form);
  const pattern = own.values.serialPattern.trim();
  const why = unusable(pattern);
  const lacksPattern = own.values.registration === "pattern" && pattern === "";
  return (
    <>
      <TextField form={own} name="title" label="Title" hint="What people call it" maxLength={200} />
      <TextField
        form={own}
        name="boardRevisions"
        label="Board revisions"
        hint="With commas between them; empty where there is only one"
      />
      <TextField
        form={own}
        name="serialPattern"
        label="Serial pattern"
        mono
        hint="The whole serial must match it, for instance MC2-[0-9]{6}"
        placeholder="MC2-[0-9]{6}"
        maxLength={200}
        error={lacksPattern ? "Registration at the first scan needs a pattern." : why}
      />
      <PatternTester pattern={pattern} />
      <ChoiceField
        form={own}
        name="registration"
        label="Which serials may be flashed"
        choices={REGISTRATIONS}
      />
      <CheckField
        form={own}
        name="allowVirtual"
        label="Virtual units are accepted"
        hint="For trials. Leave it off for what is sold."
      />
    </>
  );
}
