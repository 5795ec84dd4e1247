import { Icon } from "../../shared/icons.tsx";
import { useOffer } from "./options.ts";
import type { Selection, SelectionKey } from "./selection.ts";
import { FILTER_NAMES, isFilter } from "./words.ts";

interface Props {
  readonly name: SelectionKey;
  readonly value: string;
  readonly selection: Selection;
  readonly onRemove: () => void;
}

/** One filter that holds, in words, and the way to take it off. */
export function Chosen({ name, value, selection, onRemove }: Props) {
  const { options } = useOffer(name, selection);
  const title = isFilter(name) ? FILTER_NAMES[name] : name;
  const said = options.find((option) => option.value === value)?.label ?? value;
  return (
    <span className="chosen-filter">
      <span>
        {title} <b title={said}>{name === "image" ? `${said.slice(0, 12)}…` : said}</b>
      </span>
      <button type="button" onClick={onRemove}>
        <Icon name="cross" size={12} />
        <span className="unseen">Take off the filter {title}</span>
      </button>
    </span>
  );
}
