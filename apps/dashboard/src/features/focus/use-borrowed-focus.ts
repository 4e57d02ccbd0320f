import { useEffect, type RefObject } from 'react';
import { useReturnedFocus } from './use-returned-focus.js';

/** Moves the focus to `target` while it is there, and back when nothing else took it. */
export function useBorrowedFocus(
  target: RefObject<HTMLElement | null>,
  wanted: RefObject<boolean>,
  otherwise: RefObject<HTMLElement | null>,
): void {
  useReturnedFocus(otherwise);
  useEffect(() => {
    if (wanted.current) target.current?.focus();
  }, [target, wanted]);
}
