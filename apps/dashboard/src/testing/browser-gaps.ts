/** What a browser has, jsdom has not, and our dependencies ask for. */

class NoResizes implements ResizeObserver {
  observe(): void {}
  unobserve(): void {}
  disconnect(): void {}
}

const lightAndCalm = (query: string): MediaQueryList =>
  Object.assign(new EventTarget(), {
    matches: false,
    media: query,
    onchange: null,
    addListener: () => undefined,
    removeListener: () => undefined,
  });

globalThis.ResizeObserver ??= NoResizes;
window.matchMedia ??= lightAndCalm;
window.scrollTo = () => undefined;
