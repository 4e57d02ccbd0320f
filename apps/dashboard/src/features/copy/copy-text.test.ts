import { copyText } from './copy-text.js';

/** What the browser would put on the clipboard: the selection at the moment of the command. */
function watchCopies(succeeds: boolean): string[] {
  const copies: string[] = [];
  document.execCommand = () => {
    const area = document.activeElement;
    if (area instanceof HTMLTextAreaElement)
      copies.push(area.value.slice(area.selectionStart, area.selectionEnd));
    return succeeds;
  };
  return copies;
}

describe('copying on a page without the clipboard API', () => {
  it('copies the whole text and leaves the page as it was', async () => {
    const button = document.body.appendChild(document.createElement('button'));
    button.focus();
    const copies = watchCopies(true);
    await expect(copyText('line 1\nline 2')).resolves.toBe(true);
    expect(copies).toEqual(['line 1\nline 2']);
    expect(document.activeElement).toBe(button);
    expect(document.querySelector('textarea')).toBeNull();
  });

  it('says when the browser refuses', async () => {
    watchCopies(false);
    await expect(copyText('x')).resolves.toBe(false);
  });
});
