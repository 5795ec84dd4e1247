import { Autocomplete, Button, Popover, Select } from "@mantine/core";
import { useState } from "react";
import { Icon } from "../../shared/icons.tsx";
import { focusAtOnce } from "../parts/focus.ts";
import { useOffer } from "./options.ts";
import type { Selection, SelectionKey } from "./selection.ts";
import { FILTER_NAMES, FILTERS, isFilter } from "./words.ts";

interface Props {
  readonly selection: Selection;
  /** Filters that the page does not have. */
  readonly without: readonly SelectionKey[];
  readonly onChange: (change: Selection) => void;
}

/** Adds one filter: first by what, then which. */
export function AddFilter({ selection, without, onChange }: Props) {
  const [isOpen, setOpen] = useState(false);
  const [key, setKey] = useState<SelectionKey | null>(null);
  const toggle = (open: boolean): void => {
    setOpen(open);
    setKey(null);
  };
  const choose = (value: string): void => {
    toggle(false);
    if (key !== null && value !== "") onChange({ [key]: value });
  };
  const offered = FILTERS.filter(
    (one) =>
      selection[one] === undefined &&
      !without.includes(one) &&
      // A digest is not typed: it comes with a link from a release.
      one !== "image" &&
      (one !== "nest" || selection.station !== undefined),
  );
  return (
    <Popover opened={isOpen} onChange={toggle} position="bottom-start" trapFocus shadow="none">
      <Popover.Target>
        <Button
          variant="default"
          size="sm"
          leftSection={<Icon name="filter" size={16} />}
          onClick={() => toggle(!isOpen)}
        >
          Filter
        </Button>
      </Popover.Target>
      <Popover.Dropdown aria-label="Filter">
        {key === null ? (
          <div className="presets two-columns">
            {offered.map((one) => (
              <button type="button" key={one} onClick={() => setKey(one)}>
                {FILTER_NAMES[one]}
              </button>
            ))}
          </div>
        ) : (
          <Value filter={key} selection={selection} onChoose={choose} />
        )}
      </Popover.Dropdown>
    </Popover>
  );
}

interface ValueProps {
  readonly filter: SelectionKey;
  readonly selection: Selection;
  readonly onChoose: (value: string) => void;
}

function Value({ filter, selection, onChoose }: ValueProps) {
  const { options, isOpen } = useOffer(filter, selection);
  const [text, setText] = useState("");
  const label = isFilter(filter) ? FILTER_NAMES[filter] : filter;
  const common = { label, size: "sm", w: 260, ref: focusAtOnce } as const;
  // Inside the same layer: else a click on a choice counts as one beside the dialog.
  const combobox = { withinPortal: false } as const;
  if (!isOpen) {
    return (
      <Select
        {...common}
        comboboxProps={combobox}
        data={[...options]}
        searchable
        defaultDropdownOpened
        nothingFoundMessage="There is no such name"
        onChange={(value) => onChoose(value ?? "")}
      />
    );
  }
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        onChoose(text.trim());
      }}
    >
      <Autocomplete
        {...common}
        comboboxProps={combobox}
        description="Choose one, or type it and press Enter"
        data={options.map(({ value }) => value)}
        limit={60}
        value={text}
        onChange={setText}
        onOptionSubmit={onChoose}
      />
    </form>
  );
}
