import { Modal, TextInput } from "@mantine/core";
import { useDebouncedValue } from "@mantine/hooks";
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { type KeyboardEvent, useState } from "react";
import { Icon, type IconName } from "../../../shared/icons.tsx";
import { focusAtOnce } from "../../parts/focus.ts";
import { ErrorNote } from "../../parts/states.tsx";
import type { Found } from "./found.ts";
import { finderQuery } from "./query.ts";

const TYPING_MS = 180;
const LOOKS: Readonly<Record<Found["kind"], { icon: IconName; word: string }>> = {
  unit: { icon: "chip", word: "Unit" },
  host: { icon: "host", word: "Host" },
  order: { icon: "order", word: "Work order" },
  release: { icon: "release", word: "Release" },
  batch: { icon: "box", word: "Batch" },
};

/** By it the library knows that a key on something is not for its other layers. */
const OWN_ESCAPE = { "data-mantine-stop-propagation": "true" } as const;

interface Props {
  readonly first: string;
  readonly onClose: () => void;
  readonly onGo: (to: Found) => void;
}

/** Opens a unit, host, order or release by any part of its name, and the yield of a batch by its whole name. */
export function Finder({ first, onClose, onGo }: Props) {
  return (
    <Modal
      opened
      onClose={onClose}
      // Escape closes this, and not a question that stands below it.
      closeOnEscape={false}
      attributes={{ content: OWN_ESCAPE }}
      onKeyDown={({ key }) => key === "Escape" && onClose()}
      title="Find a unit, host, work order, release or batch"
      closeButtonProps={{ "aria-label": "Close the search", ...OWN_ESCAPE }}
      yOffset="10vh"
      size="lg"
    >
      <Search first={first} onGo={onGo} />
    </Modal>
  );
}

function Search({ first, onGo }: Omit<Props, "onClose">) {
  const client = useQueryClient();
  const [text, setText] = useState(first);
  const [at, setAt] = useState(0);
  const [asked] = useDebouncedValue(text.trim(), first === text ? 0 : TYPING_MS);
  const answer = useQuery({ ...finderQuery(client, asked), enabled: asked !== "" });
  const all = asked === "" ? [] : (answer.data ?? []);
  const chosen = Math.min(at, all.length - 1);
  const onKeyDown = (event: KeyboardEvent): void => {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (step !== undefined && all.length > 0) {
      event.preventDefault();
      setAt((chosen + step + all.length) % all.length);
    }
    const one = all[chosen];
    // While an answer to more letters is under way, Enter would open what fewer letters meant.
    if (event.key === "Enter" && one !== undefined && asked === text.trim() && !answer.isFetching) {
      event.preventDefault();
      onGo(one);
    }
  };
  return (
    <div className="finder">
      <TextInput
        role="combobox"
        aria-label="Name or serial"
        aria-expanded={all.length > 0}
        aria-controls="finder-found"
        aria-autocomplete="list"
        aria-activedescendant={all.length > 0 ? `finder-${chosen}` : undefined}
        autoComplete="off"
        placeholder="Scan, or type a part of a name"
        size="md"
        className="mono"
        ref={focusAtOnce}
        data-autofocus
        {...OWN_ESCAPE}
        value={text}
        onChange={(event) => {
          setText(event.currentTarget.value);
          setAt(0);
        }}
        onKeyDown={onKeyDown}
      />
      {answer.error !== null && <ErrorNote error={answer.error} />}
      <div className="found" role="listbox" aria-label="Found" id="finder-found">
        {all.map((one, index) => (
          <button
            type="button"
            role="option"
            id={`finder-${index}`}
            key={`${one.kind} ${one.id}`}
            aria-selected={index === chosen}
            tabIndex={-1}
            {...OWN_ESCAPE}
            onClick={() => onGo(one)}
          >
            <Icon name={LOOKS[one.kind].icon} size={18} />
            <span className="kind">{LOOKS[one.kind].word}</span>
            <b className="mono">{one.name}</b>
            <span className="soft">{one.detail}</span>
          </button>
        ))}
      </div>
      <p className="hint" role="status">
        {say(asked, answer.isFetching && answer.data === undefined, all.length)}
      </p>
    </div>
  );
}

function say(asked: string, isAsking: boolean, found: number): string {
  if (asked === "") return "A scan finds its unit from any page, without opening this first.";
  if (isAsking) return "Looking …";
  return found === 0
    ? "Nothing has this name. Older releases and hosts are on their pages."
    : "Arrow keys choose, Enter opens.";
}
