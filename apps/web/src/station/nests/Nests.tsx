import { firstToAcknowledge, type StationPageView } from "@flashline/contract";
import type { CSSProperties } from "react";
import type { Language } from "../words/language.ts";
import { gridFor } from "./grid.ts";
import { NestCard } from "./NestCard.tsx";

/** So few cards have room for what hands do next, to be read from afar. */
const FEW = 2;

export function Nests(props: {
  readonly view: StationPageView;
  readonly language: Language;
  readonly onAcknowledge: (nest: string) => void;
  readonly onReprint: (nest: string) => void;
}) {
  const { nests, virtual } = props.view;
  const { columns, rows } = gridFor(nests.length);
  const digits = Math.max(...nests.map(({ name }) => [...name].length), 1);
  const style = { "--long": columns, "--short": rows, "--digits": digits } as CSSProperties;
  return (
    <ul className={`nests ${nests.length <= FEW ? "few" : ""}`} style={style}>
      {nests.map((nest) => (
        <NestCard
          key={nest.name}
          nest={nest}
          language={props.language}
          virtual={virtual}
          first={firstToAcknowledge(nests) === nest}
          onAcknowledge={props.onAcknowledge}
          onReprint={props.onReprint}
        />
      ))}
    </ul>
  );
}
