import { scaleBand, scaleLinear } from "@visx/scale";
import { usePictureWidth } from "../printed.ts";

export interface PlotArea {
  /** Left edge and middle of a place of the axis, pixels. */
  readonly x: (at: number) => number;
  /** Width of a place, pixels. */
  readonly step: number;
  readonly y: (value: number) => number;
  readonly left: number;
  readonly right: number;
  readonly top: number;
  readonly bottom: number;
  /** Each so many places have room for a label. */
  readonly labelEach: number;
}

interface Props {
  readonly label: string;
  /** How many places the lower axis has. */
  readonly places: number;
  readonly domain: readonly [number, number];
  readonly ticks: readonly number[];
  readonly tick: (value: number) => string;
  readonly height?: number;
  readonly children: (area: PlotArea) => React.ReactNode;
}

const LEFT = 48;
const TOP = 12;
const LABELS = 44;
/** Room that a label of the lower axis needs, pixels. */
const LABEL_WIDTH = 52;

/** A picture with a share or a number upwards and equal places along it, as wide as there is room: its letters stay readable. */
export function Plot({ label, places, domain, ticks, tick, height = 300, children }: Props) {
  const { ref, width } = usePictureWidth();
  const bottom = height - LABELS;
  const right = Math.max(width, 240);
  const y = scaleLinear({ domain: [...domain], range: [bottom, TOP], clamp: true });
  // Few places do not spread over the whole width.
  const shown = Math.max(6, places);
  const bands = scaleBand({
    domain: Array.from({ length: shown }, (_, at) => at),
    range: [LEFT, right],
  });
  const step = bands.step();
  const area: PlotArea = {
    x: (at) => (bands(at) ?? LEFT) + step / 2,
    step,
    y: (value) => y(value) ?? bottom,
    left: LEFT,
    right,
    top: TOP,
    bottom,
    labelEach: Math.max(1, Math.ceil(LABEL_WIDTH / step)),
  };
  return (
    <div ref={ref} className="plot" style={{ minHeight: height }}>
      {width > 0 && (
        <svg
          width={right}
          height={height}
          viewBox={`0 0 ${right} ${height}`}
          role="img"
          aria-label={label}
        >
          {ticks.map((value) => (
            <g key={value} className="grid">
              <line x1={LEFT} x2={right} y1={area.y(value)} y2={area.y(value)} />
              <text x={LEFT - 8} y={area.y(value) + 4} textAnchor="end">
                {tick(value)}
              </text>
            </g>
          ))}
          {children(area)}
        </svg>
      )}
    </div>
  );
}
