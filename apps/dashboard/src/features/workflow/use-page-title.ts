import { useEffect } from 'react';

const PRODUCT = 'Orchestra';

/** A tab in the background tells how its workflow goes. */
export function usePageTitle(title: string): void {
  useEffect(() => {
    document.title = `${title} · ${PRODUCT}`;
    return () => {
      document.title = PRODUCT;
    };
  }, [title]);
}
