import { eventTypesOf } from '../../app/event-types';
import { openApiText } from '../../app/openapi/openapi-file';
import { readSettings } from '../../runtime/settings/settings';
import { replaceBetween } from './markdown';
import { metricsPage } from './metrics-page';
import { settingsPage, settingsSummary } from './settings-page';

type PageFrom = (before: () => string) => string;

/** The generated pages: the path, and the new text from the present one. */
export const PAGES: readonly (readonly [string, PageFrom])[] = [
  ['docs/settings.md', settingsPage],
  ['docs/metrics.md', metricsPage],
  ['docs/openapi.yaml', () => openApiText(eventTypesOf(readSettings({})))],
  ['README.md', (before) => replaceBetween(before(), 'settings', settingsSummary())],
];
