import { useState } from "react";
import { refusedFields } from "./refused.ts";

/** The values of an open form, and what the server has against them. */
export interface FormState<V extends object> {
  readonly values: V;
  readonly set: <K extends keyof V>(name: K, value: V[K]) => void;
  /** What the server said about this field; gone once the field is changed. */
  readonly errorOf: (name: keyof V & string) => string | undefined;
}

/** Any form that has at least these fields; `partOf` gives them. */
export interface FormWith<W extends object> {
  readonly values: W;
  readonly set: (name: never, value: never) => void;
  readonly errorOf: (name: never) => string | undefined;
}

/** Some fields of a form, for what is the same in several forms. */
export const partOf = <W extends object>({ values, set, errorOf }: FormWith<W>): FormState<W> => ({
  values,
  set: (name, value) => set(name as never, value as never),
  errorOf: (name) => errorOf(name as never),
});

/** `refused` is what the server threw last. */
export function useForm<V extends object>(initial: V, refused: unknown): FormState<V> {
  const [values, setValues] = useState(initial);
  const [mended, setMended] = useState<{ error: unknown; names: readonly string[] }>({
    error: null,
    names: [],
  });
  const errors = refusedFields(refused, Object.keys(initial));
  return {
    values,
    set(name, value) {
      setValues((known) => ({ ...known, [name]: value }));
      setMended((known) => ({
        error: refused,
        names: [...(known.error === refused ? known.names : []), String(name)],
      }));
    },
    errorOf: (name) =>
      mended.error === refused && mended.names.includes(name) ? undefined : errors[name],
  };
}
