import { createTheme } from '@mantine/core';

/** Behaviour only: colours, fonts and radii are custom properties in `styles/`. */
export const theme = createTheme({
  cursorType: 'pointer',
  defaultRadius: 'md',
  respectReducedMotion: true,
});
