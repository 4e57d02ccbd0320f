/** Fits the graph to a canvas whose size changed, until the user moved it: from then on it stays where it is put. */
import { useReactFlow, useStore } from '@xyflow/react';
import { useEffect, type RefObject } from 'react';

export const FIT = { padding: 0.14, maxZoom: 1.15 } as const;

export function KeepInView({ moved }: { moved: RefObject<boolean> }) {
  const { fitView } = useReactFlow();
  const width = useStore((state) => state.width);
  const height = useStore((state) => state.height);
  useEffect(() => {
    if (width > 0 && height > 0 && !moved.current) void fitView(FIT);
  }, [fitView, moved, width, height]);
  return null;
}
