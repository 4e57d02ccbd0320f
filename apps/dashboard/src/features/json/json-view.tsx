import { useMemo } from 'react';
import { CopyIcon } from '../copy/copy-icon.js';
import { jsonParts, jsonText } from './json-text.js';
import classes from './json-view.module.css';

/** `what` names it: "output". Values are text nodes only, so nothing in them can act. */
export function JsonView({ value, what }: { value: unknown; what: string }) {
  const { whole, shown, hidden } = useMemo(() => jsonText(value), [value]);
  const parts = useMemo(() => jsonParts(shown), [shown]);
  return (
    <div className={classes.frame}>
      <div className={classes.copy}>
        <CopyIcon value={whole} what={`the ${what}`} />
      </div>
      <pre className={classes.json} tabIndex={0} role="region" aria-label={what}>
        {parts.map(({ kind, text }, index) => (
          <span key={index} className={classes[kind]}>
            {text}
          </span>
        ))}
      </pre>
      {hidden > 0 && (
        <p className={classes.cut}>
          {hidden.toLocaleString()} more characters; copy to have them all.
        </p>
      )}
    </div>
  );
}
