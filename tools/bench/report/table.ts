/** A Markdown table; numbers' columns are aligned to the right. */
export function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const isNumber = (column: number): boolean =>
    rows.every((row) => /^[-–\d]/.test(row[column] ?? '–'));
  const rule = head.map((_, column) => (column > 0 && isNumber(column) ? '--:' : '---'));
  return [head, rule, ...rows].map((cells) => `| ${cells.join(' | ')} |`).join('\n');
}

/** A number with its significant digits. */
export function figure(value: number | undefined, digits = 3): string {
  if (value === undefined || !Number.isFinite(value)) return '–';
  if (Math.abs(value) >= 1_000) return Math.round(value).toLocaleString('en');
  return String(Number(value.toPrecision(digits)));
}

/** Latencies of a window in ms: p50 · p90 · p99. */
export function percentiles(window: {
  readonly p50Ms: number;
  readonly p90Ms: number;
  readonly p99Ms: number;
}): string {
  return [window.p50Ms, window.p90Ms, window.p99Ms].map((ms) => figure(ms)).join(' · ');
}

export function kilobytes(bytes: number | undefined): string {
  return bytes === undefined ? '–' : figure(bytes / 1_024);
}

export function megabytes(bytes: number): string {
  return figure(bytes / 2 ** 20);
}
