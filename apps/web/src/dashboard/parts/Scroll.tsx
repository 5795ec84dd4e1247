interface Props {
  /** What is in it. */
  readonly label: string;
  readonly children: React.ReactNode;
}

/** What may be wider than a narrow page: it scrolls by itself, also by keyboard where nothing in it takes the focus. */
export function Scroll({ label, children }: Props) {
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: arrow keys scroll what has the focus, and nothing else here can have it
    <section className="scroll" aria-label={label} tabIndex={0}>
      {children}
    </section>
  );
}
