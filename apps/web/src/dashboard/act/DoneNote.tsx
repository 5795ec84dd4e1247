import { Icon } from "../../shared/icons.tsx";
import { hush, useTold } from "./told.ts";

/** What was just done, in a corner of the page; read out, and gone by itself. */
export function DoneNote() {
  const told = useTold();
  return (
    <div className="done-note" role="status">
      {told !== null && (
        <p key={told.at}>
          <Icon name="check" size={16} />
          <span>{told.sentence}</span>
          <button type="button" onClick={hush}>
            <Icon name="cross" size={14} />
            <span className="unseen">Close this note</span>
          </button>
        </p>
      )}
    </div>
  );
}
