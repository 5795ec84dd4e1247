import type { ListedSelection } from "@flashline/contract";
import { NativeSelect } from "@mantine/core";

type Which = ListedSelection["only"];
const WHICH = [
  { value: "", label: "Every try" },
  { value: "counted", label: "What yields count" },
  { value: "first", label: "First tries" },
  { value: "by-host", label: "First tries lost to a bad host" },
] as const;

/** Which tries of the units are listed: a yield's figure counts first tries, or leaves out what was called off. */
export function Only(props: { readonly only: Which; readonly onChange: (only: Which) => void }) {
  const value = props.only ?? "";
  return (
    <>
      <NativeSelect
        aria-label="Which tries"
        size="sm"
        value={value}
        data={[...WHICH]}
        onChange={({ currentTarget }) =>
          props.onChange(
            WHICH.map((one) => one.value).find((one) => one === currentTarget.value) || undefined,
          )
        }
      />
      <span className="on-paper">{WHICH.find((one) => one.value === value)?.label}</span>
    </>
  );
}
