export { type EventMessage, type EventStream, eventStream } from "./event-stream.ts";
