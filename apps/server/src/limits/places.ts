import { tooMany } from "./tries.ts";

/** When to ask again where they all are in use, seconds. */
const AGAIN_S = 10;

/** What is worked out or read at a time, at most `most` of it: each has a connection of its own for as long as that takes. */
export function places(most: number) {
  let asked = 0;
  /** Holds a place until `done` is called. Rejects with `request.too_many` where none is free. */
  return async function inPlace<T>(work: (done: () => void) => Promise<T>): Promise<T> {
    if (asked >= most) throw tooMany(AGAIN_S);
    asked += 1;
    const done = () => {
      asked -= 1;
    };
    return await work(done).catch((error: unknown) => {
      done();
      throw error;
    });
  };
}
