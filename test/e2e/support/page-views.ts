import { StationPageView } from "@flashline/contract";

/** Each view that the agent tells its pages, of an answer to /api/events. Several may come at once to who was busy. */
export async function* viewsIn(body: ReadableStream<Uint8Array>): AsyncGenerator<StationPageView> {
  let text = "";
  const decoder = new TextDecoder();
  for await (const chunk of body) {
    text += decoder.decode(chunk, { stream: true });
    const events = text.split("\n\n");
    text = events.pop() ?? "";
    for (const event of events) {
      const data = /^data: (\{.*)$/m.exec(event)?.[1];
      if (data !== undefined) yield StationPageView.parse(JSON.parse(data));
    }
  }
}
