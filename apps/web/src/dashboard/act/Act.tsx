import { type EndpointName, RefusedError } from "@flashline/contract";
import { Button, Modal } from "@mantine/core";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import {
  type FormEvent,
  type ReactNode,
  useEffect,
  useLayoutEffect,
  useRef,
  useState,
} from "react";
import { isReason, Reason } from "../parts/Reason.tsx";
import { ErrorNote } from "../parts/states.tsx";
import { type FormState, useForm } from "./form.ts";
import { refusedFields } from "./refused.ts";
import { useAllowed, useLoggedIn } from "./rights.ts";
import { tell } from "./told.ts";

/** How a button looks: the page's first deed, one of several, or one that stops or ends something. */
type Weight = "first" | "plain" | "danger";

interface ActProps<V extends object, A> {
  /** On the button. */
  readonly label: string;
  readonly title: string;
  /** Who may not call this is not offered the button. */
  readonly needs: EndpointName;
  /** What the button in the dialog says: the deed itself, in a verb. */
  readonly verb: string | ((values: V) => string);
  readonly weight?: Weight;
  readonly size?: "xs" | "sm";
  readonly wide?: boolean;
  /** With a `reason` in it the dialog asks for one. */
  readonly initial: V;
  readonly reasonHint?: string;
  readonly isReasonOptional?: boolean;
  /** False while something is missing; a sentence where what is there cannot be taken. */
  readonly ready?: (values: V) => boolean | string;
  readonly run: (values: V) => Promise<A>;
  /** First parts of the query keys that are old afterwards. */
  readonly affects: readonly string[];
  /** The sentence that says what was done. Null: `shows` says it. */
  readonly done: (answer: A, values: V) => string | null;
  /** What the answer has to show once, such as a secret: it stays until somebody closes it. */
  readonly shows?: (answer: A, close: () => void) => ReactNode;
  readonly keep?: string;
  readonly children?: (form: FormState<V>, error: unknown) => ReactNode;
}

/** A deed behind a button: a dialog that says what it does, asks for what it needs, and tells what the server said. */
export function Act<V extends object, A>(props: ActProps<V, A>) {
  const [isOpen, setOpen] = useState(false);
  const [isBusy, setBusy] = useState(false);
  const isAllowed = useAllowed(props.needs);
  const isLoggedIn = useLoggedIn();
  if (!isAllowed) return null;
  const { label, title, weight = "plain", size = "xs", wide = false } = props;
  const close = (): void => setOpen(false);
  // What the server answers may be shown only once: nobody closes the dialog before it is there.
  const leave = (): void => setOpen(isBusy);
  return (
    <>
      <Button
        size={size}
        variant={weight === "first" ? "filled" : "default"}
        onClick={() => setOpen(true)}
      >
        {label}
      </Button>
      <Modal
        opened={isOpen}
        onClose={leave}
        closeOnEscape={isLoggedIn}
        trapFocus={isLoggedIn}
        // A click beside it would throw away what was typed.
        closeOnClickOutside={false}
        centered
        size={wide ? "xl" : "md"}
        closeButtonProps={{ "aria-label": "Close this question" }}
        title={title}
      >
        {isOpen && <Ask {...props} {...{ close, isBusy }} onBusy={setBusy} />}
      </Modal>
    </>
  );
}

/** What somebody writes in, first of all. */
const FIELD = "input:not([type=hidden], [type=file]), textarea, select";

/** A server that does not answer for so long keeps nobody any longer, milliseconds. */
const PATIENCE_MS = 20_000;

interface AskProps {
  readonly close: () => void;
  /** Whether the deed is under way. */
  readonly isBusy: boolean;
  readonly onBusy: (isBusy: boolean) => void;
}

function Ask<V extends object, A>(props: ActProps<V, A> & AskProps) {
  const { initial, run, affects, done, shows, verb, weight, close, onBusy, children } = props;
  const client = useQueryClient();
  const body = useRef<HTMLFormElement>(null);
  // The dialog gives the focus to what is marked, and else to its cross.
  useLayoutEffect(() => {
    const { current } = body;
    const field = current?.querySelector(FIELD);
    // A field that opens its list would lay it over the question.
    const opens = field?.hasAttribute("aria-haspopup") === true;
    const first = opens ? null : (field ?? current?.querySelector("button"));
    first?.setAttribute("data-autofocus", "true");
  }, []);
  const [answer, setAnswer] = useState<{ readonly value: A } | null>(null);
  const act = useMutation({
    mutationFn: run,
    onSuccess: async (value, values) => {
      // First: once the page knows better, this deed may not be there any more.
      const sentence = done(value, values);
      if (sentence !== null) tell(sentence);
      await Promise.all(affects.map((key) => client.invalidateQueries({ queryKey: [key] })));
      if (shows === undefined) close();
      else setAnswer({ value });
    },
  });
  useEffect(() => {
    if (!act.isPending) return;
    onBusy(true);
    const timer = setTimeout(() => onBusy(false), PATIENCE_MS);
    return () => {
      clearTimeout(timer);
      onBusy(false);
    };
  }, [act.isPending, onBusy]);
  const [first] = useState(initial);
  const form = useForm(first, act.error);
  const { values, set } = form;
  if (answer !== null && shows !== undefined) return shows(answer.value, close);

  const asksReason = "reason" in first;
  const given = "reason" in values ? String(values.reason) : "";
  const hasReason =
    !asksReason || isReason(given) || (props.isReasonOptional === true && given.trim() === "");
  const verdict = props.ready?.(values) ?? true;
  const isReady = hasReason && verdict === true;
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    if (isReady && !act.isPending) act.mutate(values);
  };
  return (
    <form ref={body} className="ask" onSubmit={submit} noValidate>
      {children?.(form, act.error)}
      {asksReason && (
        <Reason
          description={props.reasonHint ?? "Kept in the ledger"}
          isOptional={props.isReasonOptional === true}
          value={given}
          onChange={(reason) => set("reason" as keyof V, reason as V[keyof V])}
        />
      )}
      {typeof verdict === "string" && (
        <p className="bad-text" role="alert">
          {verdict}
        </p>
      )}
      {act.error !== null && !isBesideFields(act.error, first) && <ErrorNote error={act.error} />}
      <div className="buttons">
        <Button variant="default" onClick={close} disabled={props.isBusy}>
          {props.keep ?? "Not now"}
        </Button>
        <Button
          type="submit"
          {...(weight === "danger" ? { className: "danger" } : {})}
          loading={act.isPending}
          disabled={!isReady}
        >
          {typeof verb === "string" ? verb : verb(values)}
        </Button>
      </div>
    </form>
  );
}

/** What stands beside a field need not stand below all of them again. */
const isBesideFields = (error: unknown, first: object): boolean =>
  error instanceof RefusedError && Object.keys(refusedFields(error, Object.keys(first))).length > 0;
