import { type CommandOutline, PORT_PATHS, quoted, type ValueKind } from "./outline.ts";

function values(value: ValueKind): string {
  switch (value.kind) {
    case "choices":
      return `-x -a ${quoted(value.choices.join(" "))}`;
    case "file":
      return "-r -F";
    case "port-path":
      return "-x -a '(__flashline_port_paths)'";
    case "anything":
      return "-x";
  }
}

export function fishCompletion(commands: readonly CommandOutline[]): string {
  const paths = commands.flatMap(({ path }) => (path === "" ? [] : [quoted(path)]));
  const lines = commands.flatMap(({ path, children, options, argument }) => {
    const here = `complete -c flashline -n "__flashline_at ${quoted(path)}"`;
    return [
      ...children.map(({ name, description }) => `${here} -a ${name} -d ${quoted(description)}`),
      ...options.map(({ name, description, value }) =>
        [
          `${here} -l ${name.replace(/^--/, "")} -d ${quoted(description)}`,
          ...(value === undefined ? [] : [values(value)]),
        ].join(" "),
      ),
      ...(argument === undefined ? [] : [`${here} ${values(argument).replace(/^-[xr] /, "")}`]),
    ];
  });
  return `# flashline completion for fish. To use it: flashline completion fish | source
set -g __flashline_commands ${paths.join(" ")}
function __flashline_at
    set -l trail
    for word in (commandline -opc)[2..-1]
        if contains -- (string join -- ' ' $trail $word) $__flashline_commands
            set -a trail $word
        end
    end
    test (string join -- ' ' $trail) = "$argv[1]"
end
function __flashline_port_paths
    ${PORT_PATHS}
end
complete -c flashline -f
${lines.join("\n")}
`;
}
