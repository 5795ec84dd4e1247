import { type CommandOutline, PORT_PATHS, quoted, type ValueKind } from "./outline.ts";

function reply(value: ValueKind): string {
  switch (value.kind) {
    case "choices":
      return `COMPREPLY=($(compgen -P "$front" -W ${quoted(value.choices.join(" "))} -- "$cur"))`;
    case "file":
      return `compopt -o filenames 2>/dev/null; COMPREPLY=($(compgen -P "$front" -f -- "$cur"))`;
    case "port-path":
      return `COMPREPLY=($(compgen -P "$front" -W "$(${PORT_PATHS})" -- "$cur"))`;
    case "anything":
      return "COMPREPLY=()";
  }
}

/** Also for the old bash 3.2 of macOS. */
export function bashCompletion(commands: readonly CommandOutline[]): string {
  const trails = commands.flatMap(({ path }) => (path === "" ? [] : [quoted(` ${path}`)]));
  const values = commands.flatMap(({ path, options }) =>
    options.flatMap(({ name, value }) =>
      value === undefined
        ? []
        : [`    ${quoted(`${path === "" ? "" : ` ${path}`} ${name}`)}) ${reply(value)}; return ;;`],
    ),
  );
  const words = commands.map(({ path, children, options, argument }) => {
    const names = children.map(({ name }) => name);
    const other = argument === undefined ? "COMPREPLY=()" : reply(argument);
    return `    ${quoted(path === "" ? "" : ` ${path}`)})
      if [[ $cur == -* ]]; then COMPREPLY=($(compgen -W ${quoted(options.map(({ name }) => name).join(" "))} -- "$cur"))
      else ${names.length > 0 ? reply({ kind: "choices", choices: names }) : other}; fi ;;`;
  });
  return `# flashline completion for bash. To use it: source <(flashline completion bash)
_flashline() {
  local cur=\${COMP_WORDS[COMP_CWORD]} prev=\${COMP_WORDS[COMP_CWORD-1]} trail= front= i
  COMPREPLY=()
  # "--profile=f" is three words where "=" breaks words, as it does by default, and else one.
  if [[ $cur == "=" ]]; then cur=
  elif [[ $prev == "=" ]]; then prev=\${COMP_WORDS[COMP_CWORD-2]}
  elif [[ $cur == --*=* ]]; then prev=\${cur%%=*} front=\${cur%%=*}= cur=\${cur#*=}; fi
  for ((i = 1; i < COMP_CWORD; i++)); do
    case "$trail \${COMP_WORDS[i]}" in
    ${trails.join(" | ")}) trail+=" \${COMP_WORDS[i]}" ;;
    esac
  done
  case "$trail $prev" in
${values.join("\n")}
  esac
  case "$trail" in
${words.join("\n")}
  esac
}
complete -F _flashline flashline
`;
}
