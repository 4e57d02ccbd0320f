import { formatDuration, formatElapsed, formatLocalTime, formatRelative } from './format.js';
import { useNow, useToday } from './use-now.js';

/** `12s ago`; the exact UTC time on hover. */
export function RelativeTime({ iso }: { iso: string }) {
  const now = useNow();
  return (
    <time dateTime={iso} title={iso}>
      {formatRelative(iso, now)}
    </time>
  );
}

interface LocalTimeProps {
  iso: string;
  /** The time it stands beside: its day is not said twice. */
  beside?: string;
}

/** Local time to the millisecond; UTC on hover. */
export function LocalTime({ iso, beside }: LocalTimeProps) {
  const today = useToday();
  return (
    <time dateTime={iso} title={iso}>
      {formatLocalTime(iso, beside === undefined ? today : Date.parse(beside))}
    </time>
  );
}

interface Span {
  startedAt?: string | undefined;
  endedAt?: string | undefined;
  durationMs?: number | undefined;
}

/** The duration of what is over, the ticking time of what goes on, nothing for what has not begun. */
export function Duration({ startedAt, endedAt, durationMs }: Span) {
  if (durationMs !== undefined) return <>{formatDuration(durationMs)}</>;
  if (startedAt === undefined || endedAt !== undefined) return null;
  return <Elapsed since={startedAt} />;
}

function Elapsed({ since }: { since: string }) {
  const now = useNow();
  return <>{formatElapsed(now - Date.parse(since))}</>;
}
