import { type Code, isKnownCode, type NoticeMessage } from "@flashline/contract";

/** What a language has to say of codes and notices; one that is left out does not compile. */
export interface StationMessages {
  /** What to do, by code of the table. */
  readonly action: (code: Code) => string;
  /** What to do where neither page nor agent knows the code. */
  readonly unknownCode: string;
  readonly notices: {
    readonly [K in Exclude<
      NoticeMessage["key"],
      "nothing" | "repeated" | "scan-refused" | "badge-refused"
    >]: (message: Extract<NoticeMessage, { key: K }>) => string;
  };
}

/** The instruction that belongs to a code; `otherwise` is what a newer server says in English. */
export function actionText(
  messages: StationMessages,
  code: string,
  otherwise: string | null,
): string {
  return isKnownCode(code) ? messages.action(code) : (otherwise ?? messages.unknownCode);
}

/** The notice's sentence; empty when there is nothing to say. */
export function noticeText(messages: StationMessages, message: NoticeMessage): string {
  const { notices } = messages;
  switch (message.key) {
    case "nothing":
      return "";
    case "repeated":
      return messages.action("scan.repeated");
    case "scan-refused":
    case "badge-refused":
      return actionText(messages, message.code, null);
    case "assigned":
      return notices.assigned(message);
    case "selected":
      return notices.selected(message);
    case "kept":
      return notices.kept(message);
    case "kept-over":
      return notices["kept-over"](message);
    case "cancelled":
      return notices.cancelled(message);
    case "acknowledged":
      return notices.acknowledged(message);
    case "nothing-to-acknowledge":
      return notices["nothing-to-acknowledge"](message);
    case "nothing-to-start":
      return notices["nothing-to-start"](message);
    case "logged-in":
      return notices["logged-in"](message);
    case "logged-out":
      return notices["logged-out"](message);
    case "nobody-logged-in":
      return notices["nobody-logged-in"](message);
    case "badge-asked":
      return notices["badge-asked"](message);
    case "let-through":
      return notices["let-through"](message);
    case "label-done":
      return notices["label-done"](message);
    case "label-again":
      return notices["label-again"](message);
    case "label-skipped":
      return notices["label-skipped"](message);
    case "label-whose":
      return notices["label-whose"](message);
    case "result-refused":
      return notices["result-refused"](message);
  }
}

/** What was scanned, where the notice is about a scan. */
export function scannedOf(message: NoticeMessage): string | null {
  switch (message.key) {
    case "assigned":
    case "kept":
    case "kept-over":
    case "repeated":
    case "result-refused":
    case "label-done":
    case "label-again":
    case "label-skipped":
      return message.serial;
    case "scan-refused":
      return message.scanned;
    default:
      return null;
  }
}
