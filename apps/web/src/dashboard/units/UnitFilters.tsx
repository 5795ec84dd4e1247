import { UNIT_STATES } from "@flashline/contract";
import { SegmentedControl, TextInput } from "@mantine/core";
import { useNavigate, useSearch } from "@tanstack/react-router";
import { useTyped } from "./use-typed.ts";

const STATES = ["", "passed", "failed", "in work", "unknown", "new"].map((value) => ({
  value,
  label: value === "" ? "All" : value === "unknown" ? "not known" : value,
}));

/** What is chosen here stands in the page's address. */
export function UnitFilters() {
  const { search, state } = useSearch({ from: "/units" });
  const navigate = useNavigate({ from: "/units" });
  const [text, setText] = useTyped(search, (typed) => {
    void navigate({
      search: (old) => ({
        ...old,
        search: typed,
        sort: typed === undefined ? old.sort : undefined,
      }),
      replace: true,
    });
  });

  return (
    <div className="filters">
      <TextInput
        type="search"
        aria-label="Search by serial"
        placeholder="Scan a serial or type a part of it"
        className="mono"
        data-autofocus
        value={text}
        onChange={(event) => setText(event.currentTarget.value)}
      />
      <SegmentedControl
        aria-label="State"
        size="sm"
        value={state ?? ""}
        data={STATES}
        onChange={(value) =>
          void navigate({
            search: (old) => ({ ...old, state: UNIT_STATES.find((one) => one === value) }),
          })
        }
      />
      {(search !== undefined || state !== undefined) && (
        <b className="on-paper">
          {[
            ...(search === undefined ? [] : [`Serials with ${search}`]),
            ...(state === undefined ? [] : [STATES.find(({ value }) => value === state)?.label]),
          ].join(", ")}
        </b>
      )}
    </div>
  );
}
