import { type CommandOutline, PORT_PATHS, quoted, type ValueKind } from "./outline.ts";

function reply(value: ValueKind): string {
  switch (value.kind) {
    case "choices":
      return `compadd -- ${value.choices.map(quoted).join(" ")}`;
    case "file":
      return "_files";
    case "port-path":
      return `compadd -- \${(f)"$(${PORT_PATHS})"}`;
    case "anything":
      return ":";
  }
}

/** `_describe` splits at the first colon. */
const described = (name: string, description: string): string =>
  quoted(`${name}:${description.replaceAll(":", "\\:")}`);

export function zshCompletion(commands: readonly CommandOutline[]): string {
  const trails = commands.flatMap(({ path }) => (path === "" ? [] : [quoted(` ${path}`)]));
  const values = commands.flatMap(({ path, options }) =>
    options.flatMap(({ name, value }) =>
      value === undefined
        ? []
        : [
            `    (${quoted(`${path === "" ? "" : ` ${path}`} ${name}`)}) ${reply(value)}; return ;;`,
          ],
    ),
  );
  const words = commands.map(({ path, children, options, argument }) => {
    const list = (of: readonly { name: string; description: string }[]) =>
      of.map(({ name, description }) => described(name, description)).join(" ");
    const other = argument === undefined ? ":" : reply(argument);
    return `    (${quoted(path === "" ? "" : ` ${path}`)})
      options=(${list(options)})
      commands=(${list(children)})
      if [[ $words[CURRENT] == -* ]]; then _describe option options
      else ${children.length > 0 ? "_describe command commands" : other}; fi ;;`;
  });
  return `#compdef flashline
# flashline completion for zsh. To use it: source <(flashline completion zsh), after compinit
_flashline() {
  local trail= prev=$words[CURRENT-1] i
  local -a commands options
  for ((i = 2; i < CURRENT; i++)); do
    case "$trail $words[i]" in
    (${trails.join(" | ")}) trail+=" $words[i]" ;;
    esac
  done
  if [[ $words[CURRENT] == --*=* ]]; then prev=\${words[CURRENT]%%=*}; compset -P '*='; fi
  case "$trail $prev" in
${values.join("\n")}
  esac
  case "$trail" in
${words.join("\n")}
  esac
}
compdef _flashline flashline
`;
}
