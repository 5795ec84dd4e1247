import { Button } from "@mantine/core";
import { type ReactNode, useState } from "react";

/** A text to be copied, such as a secret or a command. */
export function Copied({ text, label }: { readonly text: string; readonly label: string }) {
  const [isCopied, setCopied] = useState(false);
  const copy = (): void => {
    // Only where the page came by https or from this machine; else the text is selected by hand.
    void navigator.clipboard?.writeText(text).then(() => setCopied(true));
  };
  return (
    <div className="copied">
      <pre className="mono">
        <code>{text}</code>
      </pre>
      {navigator.clipboard !== undefined && (
        <button type="button" className="b small" onClick={copy}>
          {isCopied ? "Copied" : "Copy"}
          <span className="unseen"> {label}</span>
        </button>
      )}
    </div>
  );
}

interface ShownProps {
  readonly children: ReactNode;
  readonly close: () => void;
  readonly word?: string;
}

/** An answer that a person has to see before it is gone. */
export function Shown({ children, close, word = "I have it" }: ShownProps) {
  return (
    <div className="ask">
      {children}
      <div className="buttons">
        <Button onClick={close}>{word}</Button>
      </div>
    </div>
  );
}
