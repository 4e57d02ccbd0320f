import { ActionIcon } from '@mantine/core';
import { IconCheck, IconCopy, IconCopyX } from '@tabler/icons-react';
import { useEffect, useState } from 'react';
import { copyText } from './copy-text.js';

/** How long the answer to a click stays. */
const SHOWN_MS = 1_500;

const GLYPH = { idle: IconCopy, copied: IconCheck, failed: IconCopyX } as const;

/** `what` completes "Copy ...". */
export function CopyIcon({ value, what }: { value: string; what: string }) {
  const [state, setState] = useState<keyof typeof GLYPH>('idle');
  useEffect(() => {
    if (state === 'idle') return;
    const timer = setTimeout(() => setState('idle'), SHOWN_MS);
    return () => clearTimeout(timer);
  }, [state]);
  const copy = async () => setState((await copyText(value)) ? 'copied' : 'failed');

  const label = { idle: `Copy ${what}`, copied: 'Copied', failed: 'It could not be copied' }[state];
  const Glyph = GLYPH[state];
  return (
    <ActionIcon
      variant="subtle"
      color="gray"
      size={24}
      aria-label={label}
      title={label}
      onClick={copy}
    >
      <Glyph size={14} aria-hidden />
    </ActionIcon>
  );
}
