import { Link } from '@tanstack/react-router';
import classes from './wordmark.module.css';

/** One voice, three voices, one voice: the smallest orchestra. */
export function Wordmark() {
  return (
    <Link to="/" className={classes.wordmark} aria-label="Orchestra, all workflows">
      <svg viewBox="0 0 28 24" width="28" height="24" aria-hidden>
        <g fill="none" stroke="currentColor" strokeWidth="1.6" opacity=".45">
          <path d="M4 12h20M4 12C9 12 9 4 14 4s5 8 10 8M4 12c5 0 5 8 10 8s5-8 10-8" />
        </g>
        <g fill="currentColor">
          <circle cx="4" cy="12" r="3" />
          <circle cx="14" cy="4" r="2.5" />
          <circle cx="14" cy="12" r="2.5" />
          <circle cx="14" cy="20" r="2.5" />
          <circle cx="24" cy="12" r="3" />
        </g>
      </svg>
      <span>Orchestra</span>
    </Link>
  );
}
