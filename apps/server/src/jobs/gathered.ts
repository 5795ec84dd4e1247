/**
 * Lets many callers share a statement: those who come while one runs are asked for together by the next. `ask` answers in the order
 * of its inputs; when it rejects, all of them are told.
 */
export function gathered<In, Out>(
  ask: (inputs: readonly In[]) => Promise<readonly Out[]>,
): (input: In) => Promise<Out> {
  type Waiting = { input: In; resolve: (answer: Out) => void; reject: (error: unknown) => void };
  const waiting: Waiting[] = [];
  let running = 0;

  async function run(): Promise<void> {
    running += 1;
    try {
      while (waiting.length > 0) {
        const now = waiting.splice(0, MOST);
        try {
          const answers = await ask(now.map(({ input }) => input));
          for (const [at, { resolve }] of now.entries()) resolve(answers[at] as Out);
        } catch (error) {
          for (const { reject } of now) reject(error);
        }
      }
    } finally {
      running -= 1;
    }
  }
  return (input) =>
    new Promise<Out>((resolve, reject) => {
      waiting.push({ input, resolve, reject });
      if (running < AT_ONCE) void run();
    });
}

/** Inputs of one statement. */
const MOST = 100;
/** Statements at the same time. */
const AT_ONCE = 2;
