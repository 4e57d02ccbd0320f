import { useEffect, type RefObject } from 'react';

/**
 * When this goes and the focus with it, the focus returns to where it was before. What had it may be gone by then, such
 * as a button whose order is carried out: then to `otherwise`, not to the top of the page.
 */
export function useReturnedFocus(otherwise?: RefObject<HTMLElement | null>): void {
  useEffect(() => {
    const lender = document.activeElement;
    const home = otherwise?.current;
    return () => {
      if (document.activeElement !== document.body) return;
      const back = lender !== document.body && lender instanceof HTMLElement && lender.isConnected;
      (back ? lender : home)?.focus();
    };
  }, [otherwise]);
}
