import type { YieldQuery } from "@flashline/contract";
import { NativeSelect } from "@mantine/core";
import type { Selection } from "../selection/selection.ts";

type Which = YieldQuery["against"];
const WHICH = [
  { value: "", label: "Compare with …" },
  { value: "before", label: "The time before" },
  { value: "week-before", label: "The week before" },
  { value: "release-before", label: "The release before" },
] as const;
const isWhich = (value: string): value is NonNullable<Which> =>
  value !== "" && WHICH.some((one) => one.value === value);

interface Props {
  readonly against: Which;
  readonly selection: Selection;
  readonly onChange: (against: Which) => void;
}

/** What the yield is held against. */
export function Against({ against, selection, onChange }: Props) {
  // The release before needs a release, and a release a product.
  const hasRelease = selection.release !== undefined && selection.product !== undefined;
  return (
    <NativeSelect
      aria-label="Compare with"
      size="sm"
      value={against ?? ""}
      data={WHICH.filter(
        ({ value }) => value !== "release-before" || hasRelease || against === value,
      )}
      onChange={({ currentTarget: { value } }) => onChange(isWhich(value) ? value : undefined)}
    />
  );
}
