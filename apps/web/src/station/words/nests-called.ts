import { called } from "@flashline/contract";

/** "Nest 1", "Nests 1, 2"; of nests that are called "Nest 1" by themselves only their names. */
export const nestsCalled = (
  [one, several]: readonly [one: string, several: string],
  names: string,
  count: number,
): string =>
  count === 1 || called(one, names) === names ? called(one, names) : `${several} ${names}`;
