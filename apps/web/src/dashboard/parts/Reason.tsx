import { Textarea } from "@mantine/core";
import { useState } from "react";

/** The server takes none that is shorter, characters. */
const SHORTEST = 3;
const LONGEST = 500;

export const isReason = (text: string): boolean => text.trim().length >= SHORTEST;

interface ReasonProps {
  readonly description?: string;
  readonly isOptional?: boolean;
  readonly value: string;
  readonly onChange: (reason: string) => void;
}

/** Why a person does something that the ledger keeps. */
export function Reason({ description, isOptional = false, value, onChange }: ReasonProps) {
  const [wasLeft, setLeft] = useState(false);
  const isShort = wasLeft && value.trim() !== "" && !isReason(value);
  return (
    <Textarea
      label="Reason"
      {...(description === undefined ? {} : { description })}
      required={!isOptional}
      autosize
      minRows={2}
      maxLength={LONGEST}
      {...(isShort ? { error: `Write at least ${SHORTEST} characters.` } : {})}
      onBlur={() => setLeft(true)}
      value={value}
      onChange={(event) => onChange(event.currentTarget.value)}
    />
  );
}
