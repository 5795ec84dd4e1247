import type { ReactNode } from "react";
import { PageHead } from "../parts/PageHead.tsx";
import { DoneNote } from "./DoneNote.tsx";

interface Props {
  readonly title: string;
  readonly asOf?: string | number | null;
  /** One sentence that says how things are. */
  readonly says?: ReactNode;
  /** Buttons beside the title. */
  readonly acts?: ReactNode;
  readonly children: ReactNode;
}

/** A page on which things are done: its title with the deeds beside it, and a note of what was done. */
export function ManagePage({ title, asOf = null, says, acts, children }: Props) {
  return (
    <main className="manage">
      <PageHead title={title} asOf={asOf}>
        {acts !== undefined && <span className="head-acts">{acts}</span>}
      </PageHead>
      {says !== undefined && <p className="say page-say">{says}</p>}
      {children}
      <DoneNote />
    </main>
  );
}
