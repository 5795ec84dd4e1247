import type { NestChange, NestView } from "@flashline/contract";
import { type FormEvent, useState } from "react";
import type { Words } from "../words/en.ts";

/** A nest that there is. One with a unit in work, or out of use, cannot be changed: the agent refuses it. */
export function TaughtNest(props: {
  readonly nest: NestView;
  readonly isBound: boolean;
  readonly words: Words;
  readonly onChange: (change: NestChange) => void;
}) {
  const { nest, isBound, words, onChange } = props;
  const [typed, setTyped] = useState<string | null>(null);
  const isFree = nest.state === "empty" || (nest.state === "present" && nest.serial === null);
  const onSubmit = (event: FormEvent): void => {
    event.preventDefault();
    const to = (typed ?? "").trim();
    if (to !== "" && to !== nest.name) onChange({ change: "rename", name: nest.name, to });
  };
  return (
    <li data-nest={nest.name}>
      <b>{nest.name}</b>
      <span>
        {words.nests.port(nest.portPath)}
        <small>{isBound ? words.nests.bound : words.nests.unbound}</small>
      </span>
      {typed === null ? (
        <>
          {!isBound && nest.state === "present" && isFree && (
            <button
              type="button"
              onClick={() =>
                onChange({ change: "teach", name: nest.name, portPath: nest.portPath, moves: true })
              }
            >
              {words.nests.bind}
            </button>
          )}
          <button type="button" disabled={!isFree} onClick={() => setTyped(nest.name)}>
            {words.nests.rename}
          </button>
          <button
            type="button"
            disabled={!isFree}
            onClick={() => onChange({ change: "remove", name: nest.name })}
          >
            {words.nests.remove}
          </button>
        </>
      ) : (
        <form onSubmit={onSubmit}>
          <label>
            {words.nests.name}
            <input
              value={typed}
              onChange={({ target }) => setTyped(target.value)}
              maxLength={20}
              autoComplete="off"
              spellCheck={false}
            />
          </label>
          <button type="submit">{words.nests.rename}</button>
        </form>
      )}
    </li>
  );
}
