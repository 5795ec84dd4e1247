import { Button } from "@mantine/core";
import { Icon } from "../../shared/icons.tsx";

/** All of a list as a file, not only what is shown. */
export function CsvLink({ href }: { readonly href: string }) {
  return (
    <Button
      component="a"
      href={href}
      download
      variant="default"
      size="xs"
      leftSection={<Icon name="download" size={14} />}
    >
      All of them as CSV
    </Button>
  );
}
