// In the guest: what an operator does at the station page, over the page's own API. Arguments: the serial to scan, and where the
// station has several nests the name of one. Prints the nest as one JSON line whenever its state changes, and ends with the verdict on
// what it started, or after a minute and a half. What the nest shows of a unit before is no verdict.
const PAGE = "http://127.0.0.1:8371/api";
const [serial = "", name] = process.argv.slice(2);
const until = performance.now() + 90_000;
const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

interface Nest {
  readonly name: string;
  readonly state: string;
}

async function ask(path: string, body?: object): Promise<Nest | undefined> {
  // An agent that is restarted may be gone before the answer, or in the middle of it.
  const answer = fetch(`${PAGE}/${path}`, {
    ...(body === undefined ? {} : { method: "POST", body: JSON.stringify(body) }),
    headers: { "content-type": "application/json" },
  }).then((one) => one.json());
  const view: { readonly nests?: readonly Nest[] } | undefined = await answer.catch(
    () => undefined,
  );
  return view?.nests?.find((nest) => name === undefined || nest.name === name);
}

let last = "";
let scanned = false;
let started = false;
while (performance.now() < until && !(started ? /^(pass|fail)$/ : /^refused$/).test(last)) {
  const nest = await ask("view");
  if (nest !== undefined && nest.state !== last) {
    last = nest.state;
    process.stdout.write(`${JSON.stringify(nest)}\n`);
  }
  if (last === "present" && !scanned) {
    scanned = true;
    if (name !== undefined) await ask("scan", { text: `FL-NEST-${name}` });
    await ask("scan", { text: serial });
  } else if (last === "ready" && !started) {
    started = true;
    await ask("start", {});
  } else await pause(100);
}
