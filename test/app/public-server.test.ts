import { publicAddress } from '../../app/public-server';
import { readSettings } from '../../runtime/settings/settings';

describe('the address of the public port', () => {
  it('is every one, unless PUBLIC_HOST names one', () => {
    expect(publicAddress(readSettings({ PORT: '80' }))).toEqual({ port: 80 });
    const given = { PUBLIC_HOST: '127.0.0.2', PORT: '80' };
    expect(publicAddress(readSettings(given))).toEqual({ host: '127.0.0.2', port: 80 });
  });
});
