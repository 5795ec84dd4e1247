import { Barcode, called, normaliseSerial, type StationView } from "@flashline/contract";
import { Button, Modal } from "@mantine/core";
import { type CSSProperties, useState } from "react";
import { code128Of } from "../../shared/code128.ts";

const COMMANDS = [
  { text: Barcode.Start as string, name: "START", does: "starts every nest that is ready" },
  { text: Barcode.Ok as string, name: "OK", does: "the FAIL was seen" },
  { text: Barcode.Cancel as string, name: "CANCEL", does: "forgets the scan" },
  { text: Barcode.LogOut as string, name: "LOG OUT", does: "who is logged in goes" },
];

/** While the sheet is printed nothing else of the page is. */
function print(): void {
  const { classList } = document.documentElement;
  classList.add("prints-sheet");
  window.print();
  classList.remove("prints-sheet");
}

/** The barcodes that are commands at a station, for printing. */
export function Barcodes({ station }: { readonly station: StationView }) {
  const [isOpen, setOpen] = useState(false);
  const nests = station.nests.map(({ name }) => ({
    text: Barcode.Nest + normaliseSerial(name),
    name: called("Nest", name),
    does: "the next scan is for it",
  }));
  const codes = [...COMMANDS, ...nests];
  return (
    <>
      <Button size="xs" variant="default" onClick={() => setOpen(true)}>
        Barcodes
      </Button>
      <Modal
        opened={isOpen}
        onClose={() => setOpen(false)}
        size="xl"
        title={`Barcodes of ${station.name}`}
        closeButtonProps={{ "aria-label": "Close this sheet" }}
      >
        <div className="barcodes">
          <ul style={{ "--widest": widestOf(codes) } as CSSProperties}>
            {codes.map(({ text, name, does }) => (
              <li key={text}>
                <b>{name}</b>
                <span className="soft small">{does}</span>
                <Picture text={text} />
              </li>
            ))}
          </ul>
          <div className="buttons">
            <Button onClick={print}>Print</Button>
          </div>
        </div>
      </Modal>
    </>
  );
}

/** On paper each code has as much room as the widest one needs. */
const widestOf = (codes: readonly { readonly text: string }[]): number =>
  Math.max(1, ...codes.map(({ text }) => code128Of(text)?.modules ?? 1));

function Picture({ text }: { readonly text: string }) {
  const picture = code128Of(text);
  return picture === null ? (
    <span className="soft">Its name has characters that scanners do not type.</span>
  ) : (
    <>
      <img src={picture.url} alt={text} style={{ "--modules": picture.modules } as CSSProperties} />
      <span className="mono small">{text}</span>
    </>
  );
}
