import { TextInput } from "@mantine/core";
import { useState } from "react";
import { Icon } from "../../shared/icons.tsx";
import { tryPattern } from "./pattern.ts";

/** Tries a pattern on a label that somebody types or scans, with the matcher that stations use. */
export function PatternTester({ pattern }: { readonly pattern: string }) {
  const [label, setLabel] = useState("");
  const trial = tryPattern(pattern, label);
  return (
    <div className="pattern-tester">
      <TextInput
        label="Try a label"
        description="Type or scan one: it is read as a station reads it"
        className="mono-field"
        autoComplete="off"
        value={label}
        onChange={(event) => setLabel(event.currentTarget.value)}
        // A scanner ends with Enter: it must not send the form.
        onKeyDown={(event) => event.key === "Enter" && event.preventDefault()}
      />
      <p className="trial" role="status">
        {trial.kind === "fits" && (
          <>
            <Icon name="check" size={16} />{" "}
            <span>
              <b className="mono">{trial.serial}</b> is a serial of this product.
            </span>
          </>
        )}
        {trial.kind === "other" && (
          <>
            <Icon name="cross" size={16} />{" "}
            <span>
              <b className="mono">{trial.serial}</b> does not match: it would be refused.
            </span>
          </>
        )}
        {trial.kind === "nothing" && (
          <span className="soft">
            {pattern === "" ? "Without a pattern every label is taken." : "Nothing tried yet."}
          </span>
        )}
        {trial.kind === "unusable" && <span className="bad-text">{trial.why}</span>}
      </p>
    </div>
  );
}
