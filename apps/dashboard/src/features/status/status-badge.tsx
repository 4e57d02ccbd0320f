import type { StatusLook } from './status-look.js';
import classes from './status-badge.module.css';

interface Props {
  look: StatusLook;
  /** `plain` is icon and word in a line of text; `pill` stands on its own. */
  variant?: 'plain' | 'pill';
}

export function StatusBadge({ look, variant = 'plain' }: Props) {
  return (
    <span className={classes[variant]} data-tone={look.tone}>
      <StatusIcon look={look} />
      {look.label}
    </span>
  );
}

export function StatusIcon({ look, size = 16 }: { look: StatusLook; size?: number }) {
  const Glyph = look.icon;
  return <Glyph className={classes.icon} data-tone={look.tone} size={size} aria-hidden />;
}
