import { replaceBetween } from './markdown';
import { metricsPage } from './metrics-page';
import { settingsPage, settingsSummary } from './settings-page';

type PageFrom = (before: () => string) => string;

/** The pages that come from the code: path, and the page from what stands there now. */
export const PAGES: readonly (readonly [string, PageFrom])[] = [
  ['docs/settings.md', settingsPage],
  ['docs/metrics.md', metricsPage],
  ['README.md', (before) => replaceBetween(before(), 'settings', settingsSummary())],
];
