import { replaceBetween } from './document.js';

const page = 'Before\n<!-- scale: measured -->\nold\n<!-- /scale -->\nAfter';

describe('putting figures into a page', () => {
  it('takes the place of the old ones and leaves what stands around them', () => {
    expect(replaceBetween(page, 'scale', 'new\n')).toBe(
      'Before\n<!-- scale: measured -->\n\nnew\n\n<!-- /scale -->\nAfter',
    );
  });

  it('gives the same page when done twice', () => {
    const once = replaceBetween(page, 'scale', 'new');
    expect(replaceBetween(once, 'scale', 'new')).toBe(once);
  });

  it('refuses a page without the place', () => {
    expect(() => replaceBetween(page, 'corpora', 'new')).toThrow('corpora');
  });
});
