import { Icon } from "../../shared/icons.tsx";

/** All of a list as a file, not only what is shown. */
export function CsvLink({ href }: { readonly href: string }) {
  return (
    <p className="csv">
      <a href={href} download>
        <Icon name="download" size={15} /> All of them as CSV
      </a>
    </p>
  );
}
