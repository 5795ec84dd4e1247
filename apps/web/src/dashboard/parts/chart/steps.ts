/** Round steps that people count in, up to the largest value. */
export function stepsTo(most: number): readonly number[] {
  const power = 10 ** Math.floor(Math.log10(Math.max(1, most)));
  const step = [1, 2, 5, 10].map((each) => (each * power) / 5).find((each) => most / each <= 5);
  const size = Math.max(1, step ?? power);
  return Array.from({ length: Math.ceil(most / size) + 1 }, (_, at) => at * size);
}
