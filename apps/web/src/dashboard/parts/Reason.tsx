import { Textarea } from "@mantine/core";

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
  return (
    <Textarea
      label="Reason"
      {...(description === undefined ? {} : { description })}
      required={!isOptional}
      autosize
      minRows={2}
      maxLength={LONGEST}
      value={value}
      onChange={(event) => onChange(event.currentTarget.value)}
    />
  );
}
