/**
 * Puts text on the clipboard. A page served over plain HTTP, as by S3 website hosting, has no clipboard API: there
 * the browser is asked to copy a selection, which is deprecated and works everywhere.
 */
export async function copyText(text: string): Promise<boolean> {
  if (!window.isSecureContext || !navigator.clipboard) return copySelection(text);
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    return copySelection(text);
  }
}

function copySelection(text: string): boolean {
  const lender = document.activeElement;
  const area = document.createElement('textarea');
  area.value = text;
  area.style.position = 'fixed';
  area.style.opacity = '0';
  document.body.append(area);
  area.focus({ preventScroll: true });
  area.select();
  const copied = document.execCommand('copy');
  area.remove();
  if (lender instanceof HTMLElement) lender.focus();
  return copied;
}
