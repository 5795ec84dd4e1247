import {
  Checkbox,
  MultiSelect,
  NativeSelect,
  NumberInput,
  PasswordInput,
  Textarea,
  TextInput,
} from "@mantine/core";
import type { ReactNode } from "react";
import type { FormState } from "./form.ts";

/** Names of the fields of a form whose values are of a type. */
type NamesOf<V, T> = { [K in keyof V]: V[K] extends T ? K : never }[keyof V] & string;

interface FieldProps<V extends object, T> {
  readonly form: FormState<V>;
  readonly name: NamesOf<V, T>;
  readonly label: string;
  readonly hint?: ReactNode;
  readonly required?: boolean;
}

function common<V extends object, T>(props: FieldProps<V, T>) {
  const { form, name, label, hint, required = false } = props;
  const error = form.errorOf(name);
  return {
    label,
    required,
    ...(hint === undefined ? {} : { description: hint }),
    ...(error === undefined ? {} : { error }),
  };
}
const held = <V extends object, T>({ form, name }: FieldProps<V, T>): T => form.values[name] as T;
const put = <V extends object, T>({ form, name }: FieldProps<V, T>, value: T): void =>
  form.set(name, value as V[typeof name]);

/** A line of text; `mono` for serials, patterns and addresses. */
export function TextField<V extends object>(
  props: FieldProps<V, string> & {
    readonly mono?: boolean;
    readonly placeholder?: string;
    readonly type?: "text" | "password" | "email" | "url" | "time" | "date";
    readonly list?: readonly string[];
    readonly error?: string | undefined;
    readonly maxLength?: number;
    readonly autoComplete?: "current-password" | "new-password" | "off";
  },
) {
  const { mono = false, placeholder, type = "text", list, maxLength } = props;
  const { autoComplete = type === "password" ? "new-password" : "off" } = props;
  const listId = list === undefined ? undefined : `list-${props.name}`;
  const Input = type === "password" ? PasswordInput : TextInput;
  return (
    <>
      <Input
        {...common(props)}
        {...(props.error === undefined ? {} : { error: props.error })}
        {...(type === "password" ? {} : { type })}
        {...(placeholder === undefined ? {} : { placeholder })}
        {...(listId === undefined ? {} : { list: listId })}
        {...(maxLength === undefined ? {} : { maxLength })}
        {...(mono ? { className: "mono-field" } : {})}
        autoComplete={autoComplete}
        value={held(props)}
        onChange={(event) => put(props, event.currentTarget.value)}
      />
      {list !== undefined && (
        <datalist id={listId}>
          {list.map((each) => (
            <option key={each} value={each} />
          ))}
        </datalist>
      )}
    </>
  );
}

/** Several lines, such as a key or a list. */
export function LinesField<V extends object>(
  props: FieldProps<V, string> & { readonly rows?: number; readonly placeholder?: string },
) {
  return (
    <Textarea
      {...common(props)}
      className="mono-field"
      autosize
      minRows={props.rows ?? 3}
      maxRows={12}
      {...(props.placeholder === undefined ? {} : { placeholder: props.placeholder })}
      value={held(props)}
      onChange={(event) => put(props, event.currentTarget.value)}
    />
  );
}

/** A number; an empty field is null. */
export function NumberField<V extends object>(
  props: FieldProps<V, number | null> & {
    readonly least?: number;
    readonly most?: number;
    readonly step?: number;
    readonly decimals?: boolean;
    readonly suffix?: string;
  },
) {
  const { least, most, step, decimals = false, suffix } = props;
  return (
    <NumberInput
      {...common(props)}
      allowDecimal={decimals}
      clampBehavior="blur"
      {...(least === undefined ? {} : { min: least })}
      {...(most === undefined ? {} : { max: most })}
      {...(step === undefined ? {} : { step })}
      {...(suffix === undefined ? {} : { suffix })}
      thousandSeparator=","
      value={held<V, number | null>(props) ?? ""}
      onChange={(value) => put(props, value === "" ? null : Number(value))}
    />
  );
}

/** One of some; [value, words]. */
export function ChoiceField<V extends object>(
  props: FieldProps<V, string> & {
    readonly choices: readonly (readonly [value: string, words: string])[];
  },
) {
  return (
    <NativeSelect
      {...common(props)}
      data={props.choices.map(([value, label]) => ({ value, label }))}
      value={held(props)}
      onChange={(event) => put(props, event.currentTarget.value)}
    />
  );
}

/** Several of some. */
export function ManyField<V extends object>(
  props: FieldProps<V, readonly string[]> & {
    readonly choices: readonly string[];
    readonly placeholder?: string;
  },
) {
  const value = [...held<V, readonly string[]>(props)];
  return (
    <MultiSelect
      {...common(props)}
      data={[...props.choices]}
      value={value}
      onChange={(next) => put(props, next as readonly string[])}
      {...(props.placeholder === undefined || value.length > 0
        ? {}
        : { placeholder: props.placeholder })}
      searchable
      hidePickedOptions
      comboboxProps={{ withinPortal: true }}
    />
  );
}

export function CheckField<V extends object>(props: FieldProps<V, boolean>) {
  const { label, hint } = props;
  return (
    <Checkbox
      label={label}
      {...(hint === undefined ? {} : { description: hint })}
      checked={held(props)}
      onChange={(event) => put(props, event.currentTarget.checked)}
    />
  );
}
