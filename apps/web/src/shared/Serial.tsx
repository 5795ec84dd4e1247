interface Props {
  readonly className: string;
  readonly children: string;
}

/** A serial or scanned code. Too long for its place, it loses its beginning: the units of an order differ at the end. */
export function Serial({ className, children }: Props) {
  return (
    <span className={`${className} mono tail`} title={children}>
      <bdi dir="ltr">{children}</bdi>
    </span>
  );
}
