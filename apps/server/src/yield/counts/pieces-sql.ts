// Stretches of time stand in a statement one by one: PostgreSQL takes each for what it is and reads it off an index. Of a table of stretches it
// knows nothing, and reads all attempts.

/** For how many stretches a statement is written that takes `count` of them: so there are few statements. */
export const roomFor = (count: number): number => 2 ** Math.ceil(Math.log2(Math.max(1, count)));

/**
 * SQL: whether a time is in one of the stretches whose ends are in two arrays of the statement. Those that are not there are no stretches. `also` says
 * what must hold for the stretch with a number, from 1.
 */
export const inPiecesSql = (
  column: string,
  from: string,
  to: string,
  room: number,
  also: (number: number) => string = () => "",
): string =>
  `(${Array.from({ length: room }, (_, at) => {
    const ends = `${column} >= (:${from}::timestamptz[])[${at + 1}] AND ${column} < (:${to}::timestamptz[])[${at + 1}]`;
    return `${also(at + 1)}${ends}`;
  }).join(" OR ")})`;

/** Times in milliseconds since 1970, as values of a statement. */
export const datesOf = (times: readonly number[]): readonly Date[] =>
  times.map((at) => new Date(at));
