import type { NestChange, StationPageView } from "@flashline/contract";
import { type FormEvent, useState } from "react";
import type { Words } from "../words/en.ts";
import { nextName } from "./next-name.ts";

/** A port with a unit that no nest has, and the name that it gets. The name of a nest that there is moves that nest. */
export function FreePort(props: {
  readonly port: StationPageView["teach"]["ports"][number];
  readonly names: readonly string[];
  readonly words: Words;
  readonly onChange: (change: NestChange) => void;
}) {
  const { port, names, words } = props;
  const [typed, setTyped] = useState<string | null>(null);
  const name = (typed ?? nextName(names)).trim();
  const moves = names.includes(name);
  const onSubmit = (event: FormEvent): void => {
    event.preventDefault();
    if (name === "") return;
    props.onChange({ change: "teach", name, portPath: port.portPath, moves });
  };
  return (
    <form onSubmit={onSubmit} data-port={port.portPath}>
      <p>
        <b>{words.nests.found(port.portPath)}</b>
        {port.controller !== null && <small>{words.nests.controller(port.controller)}</small>}
      </p>
      <label>
        {words.nests.name}
        <input
          value={typed ?? nextName(names)}
          onChange={({ target }) => setTyped(target.value)}
          maxLength={20}
          autoComplete="off"
          spellCheck={false}
        />
      </label>
      <button type="submit" className="main" disabled={name === ""}>
        {moves ? words.nests.move(name) : words.nests.add(name)}
      </button>
    </form>
  );
}
