/** A request to Flashline. FLASHLINE_SERVER and FLASHLINE_TOKEN say where and as whom. */
export async function ask(method, path, body) {
  const answer = await fetch(`${process.env.FLASHLINE_SERVER}${path}`, {
    method,
    headers: {
      authorization: `Bearer ${process.env.FLASHLINE_TOKEN}`,
      ...(body === undefined ? {} : { "content-type": "application/json" }),
    },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  const json = await answer.json();
  if (answer.ok) return json;
  // Every refusal has a code to decide by, and a sentence for a person.
  throw new Error(`${answer.status} ${json.code}: ${json.message}`);
}
