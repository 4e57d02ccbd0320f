import { useEffect, type RefObject } from 'react';

/** Moves the focus to `target` while it is there, and back to where it came from when nothing else took it. */
export function useBorrowedFocus(
  target: RefObject<HTMLElement | null>,
  wanted: RefObject<boolean>,
) {
  useEffect(() => {
    const lender = document.activeElement;
    if (wanted.current) target.current?.focus();
    return () => {
      const lost = document.activeElement === document.body;
      if (lost && lender instanceof HTMLElement) lender.focus();
    };
  }, [target, wanted]);
}
