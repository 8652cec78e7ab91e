import { SETTING_INFO } from './setting-info';
import { text } from './shapes';

/** The settings of the embedded mode alone. */
export const EMBEDDED_SETTINGS = {
  DATA_DIR: text.default('./data').register(SETTING_INFO, {
    text: 'folder in which the embedded mode keeps its data',
    note: 'One process tree at a time can use a folder.',
  }),
};
