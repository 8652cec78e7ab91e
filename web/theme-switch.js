const dark = matchMedia('(prefers-color-scheme: dark)');

/** Whether the page is dark: by the switch, else by the system. */
const isDark = () =>
  (document.documentElement.dataset.theme ?? (dark.matches && 'dark')) === 'dark';

/**
 * Switches between light and dark colors, and keeps the choice (theme.js).
 * @param {HTMLButtonElement} button
 */
export function bindTheme(button) {
  const show = () => button.setAttribute('aria-pressed', isDark());
  button.addEventListener('click', () => {
    const theme = isDark() ? 'light' : 'dark';
    document.documentElement.dataset.theme = theme;
    localStorage.setItem('theme', theme);
    show();
  });
  dark.addEventListener('change', show);
  show();
}
