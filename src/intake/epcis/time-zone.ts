/** The offset of a time zone at an instant as EPCIS writes it, `+01:00` (EPCIS 2.0 §7.3.2); made once, asked for each event. */
export function timeZoneOffsets(timeZone: string): (epochMs: number) => string {
  const format = new Intl.DateTimeFormat('en-US', { ...(timeZone === '' ? {} : { timeZone }), timeZoneName: 'longOffset' });
  let quarter = NaN;
  let offset = '';
  return (epochMs) => {
    // no zone changes its offset but at a quarter of an hour
    const asked = Math.floor(epochMs / 900_000);
    if (asked !== quarter) {
      quarter = asked;
      offset = offsetAt(format, epochMs);
    }
    return offset;
  };
}

function offsetAt(format: Intl.DateTimeFormat, epochMs: number): string {
  const name = format.formatToParts(epochMs).find(({ type }) => type === 'timeZoneName')?.value ?? 'GMT';
  const match = /^GMT([+-]\d{2}:\d{2})/.exec(name); // zones before standard time had seconds as well
  return match?.[1] ?? '+00:00';
}
