import type { Icon } from '@tabler/icons-react';
import type { ReactNode } from 'react';
import classes from './notice.module.css';

interface Props {
  icon: Icon;
  title: string;
  children?: ReactNode;
  /** Below the text: what can be done about it. */
  action?: ReactNode;
}

/** A place that has nothing to show says why, and what to do. */
export function Notice({ icon: Glyph, title, children, action }: Props) {
  return (
    <div className={classes.notice}>
      <span className={classes.glyph}>
        <Glyph size={22} stroke={1.6} aria-hidden />
      </span>
      <h2 className={classes.title}>{title}</h2>
      {children && <div className={classes.text}>{children}</div>}
      {action}
    </div>
  );
}
