// A classic script in the head: a module would run after the first picture in the wrong colors.
const stored = localStorage.getItem('theme');
if (stored) document.documentElement.dataset.theme = stored;
