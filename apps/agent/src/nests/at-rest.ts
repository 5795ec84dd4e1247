import type { EmptyNest, NestCore, PresentNest } from "./nest.ts";

/** What a nest has in every state. */
export const coreOf = ({ name, portPath, port, last }: NestCore): NestCore => ({
  name,
  portPath,
  port,
  last,
});

/** The state of a nest without scan and verdict. Its port alone decides. */
export function atRest(nest: NestCore): EmptyNest | PresentNest {
  const { port } = nest;
  return port.kind === "occupied"
    ? { ...coreOf(nest), port, state: "present" }
    : { ...coreOf(nest), port, state: "empty", refusal: null };
}
