import { firstToAcknowledge, type StationPageView } from "@flashline/contract";
import type { CSSProperties } from "react";
import type { Language } from "../words/language.ts";
import { gridFor } from "./grid.ts";
import { NestCard } from "./NestCard.tsx";

export function Nests(props: {
  readonly view: StationPageView;
  readonly language: Language;
  readonly onAcknowledge: (nest: string) => void;
}) {
  const { nests, virtual } = props.view;
  const { columns, rows } = gridFor(nests.length);
  const style = { "--long": columns, "--short": rows } as CSSProperties;
  return (
    <ul className="nests" style={style}>
      {nests.map((nest) => (
        <NestCard
          key={nest.name}
          nest={nest}
          language={props.language}
          virtual={virtual}
          first={firstToAcknowledge(nests) === nest}
          onAcknowledge={props.onAcknowledge}
        />
      ))}
    </ul>
  );
}
