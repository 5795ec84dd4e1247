/** A time zone in which it is so late now. In the last hour what lists count of a day is most, but midnight is near. */
export function zoneWhereItIs(hour: number): string {
  const hours = hour - new Date().getUTCHours();
  const ahead = hours > 12 ? hours - 24 : hours;
  // Those names have the sign of what is to be added to come to UTC.
  return ahead === 0 ? "Etc/GMT" : `Etc/GMT${ahead > 0 ? "-" : "+"}${Math.abs(ahead)}`;
}
