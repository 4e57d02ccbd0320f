import { useEffect, useState, type RefObject } from 'react';
import type { Direction } from './layout.js';

/** Pixels below which a graph that grows to the right would be too small to read. */
const NARROW = 560;

/** undefined until the canvas is measured. */
export function useDirection(canvas: RefObject<HTMLElement | null>): Direction | undefined {
  const [direction, setDirection] = useState<Direction>();
  useEffect(() => {
    const element = canvas.current;
    if (!element) return;
    const measure = () => setDirection(element.clientWidth < NARROW ? 'down' : 'right');
    measure();
    const observer = new ResizeObserver(measure);
    observer.observe(element);
    return () => observer.disconnect();
  }, [canvas]);
  return direction;
}
