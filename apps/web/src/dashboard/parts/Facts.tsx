/** Names and values beside each other; a value that is null is left out. */
export function Facts({
  items,
}: {
  readonly items: readonly (readonly [string, React.ReactNode])[];
}) {
  return (
    <dl className="facts">
      {items
        .filter(([, value]) => value !== null && value !== "")
        .map(([name, value]) => (
          <div key={name}>
            <dt>{name}</dt>
            <dd>{value}</dd>
          </div>
        ))}
    </dl>
  );
}
