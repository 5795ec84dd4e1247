/** A host that stands there, or comes there soon after, is what made the attempt fail. */
const BAD = "IN ('SUSPECT', 'QUARANTINE')";
/** Evidence that leads to a verdict is at most so old. */
const LEADS_TO_VERDICT = "interval '14 days'";
/**
 * SQL: whether attempt `a` failed by the fault of a host that the verdict holds for bad: it did when the attempt began, or did within the
 * two weeks after. A failure that a healthy host is blamed for by its code stays the product's: a bad batch of boards loses the link too.
 */
export const byHostSql = (
  a: string,
): string => `(${a}.outcome = 'FAIL' AND ${a}.blame = 'host' AND (
  EXISTS (SELECT FROM verdict_step v WHERE v.level = 'controller' AND v.name = ${a}.host_id::text AND v.to_rung ${BAD}
             AND v.at > ${a}.accepted_at AND v.at <= ${a}.accepted_at + ${LEADS_TO_VERDICT})
  OR coalesce((SELECT v.to_rung ${BAD} FROM verdict_step v WHERE v.level = 'controller' AND v.name = ${a}.host_id::text
      AND v.at <= ${a}.accepted_at ORDER BY v.at DESC, v.id DESC LIMIT 1), false)))`;
