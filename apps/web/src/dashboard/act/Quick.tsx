import type { EndpointName } from "@flashline/contract";
import { Button } from "@mantine/core";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { failureOf } from "../api/client.ts";
import { useAllowed } from "./rights.ts";
import { tell } from "./told.ts";

interface Props<A> {
  readonly label: string;
  readonly needs: EndpointName;
  readonly isFirst?: boolean;
  readonly run: () => Promise<A>;
  readonly affects: readonly string[];
  readonly done: (answer: A) => string;
}

/** A deed that needs no second question: it does no harm, and can be taken back. */
export function Quick<A>({ label, needs, isFirst = false, run, affects, done }: Props<A>) {
  const client = useQueryClient();
  const isAllowed = useAllowed(needs);
  const act = useMutation({
    mutationFn: run,
    onSuccess: (answer) => tell(done(answer)),
    onSettled: () =>
      Promise.all(affects.map((key) => client.invalidateQueries({ queryKey: [key] }))),
  });
  if (!isAllowed) return null;
  return (
    <span className="quick">
      <Button
        size="xs"
        variant={isFirst ? "filled" : "default"}
        loading={act.isPending}
        onClick={() => act.mutate()}
      >
        {label}
      </Button>
      {act.error !== null && (
        <span className="bad-text" role="alert">
          {failureOf(act.error).message}
        </span>
      )}
    </span>
  );
}
