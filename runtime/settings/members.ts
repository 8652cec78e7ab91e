import { SETTING_INFO } from './setting-info';
import { text } from './shapes';

/** Who may, and how members and services are recognised. */
export const MEMBER_SETTINGS = {
  JWT_SECRET: text.optional().register(SETTING_INFO, {
    isSecret: true,
    text: "HS256 key that verifies members' tokens",
    unset: 'embedded mode without a key: everyone is `anonymous-…`',
  }),
  JWT_JWKS_FILE: text.optional().register(SETTING_INFO, {
    text: 'JWKS file with public keys, instead of `JWT_SECRET`',
    unset: 'none',
    note: 'Read once, at the start. If both are set, this file is used.',
  }),
  JWT_MEMBER_CLAIM: text.default('sub').register(SETTING_INFO, {
    text: 'claim that holds the member id',
    note:
      'Characters other than `A-Z a-z 0-9 _ . -` become `_`, and the id is cut after 64 ' +
      'characters.',
  }),
  SERVICE_SECRET: text.optional().register(SETTING_INFO, {
    isSecret: true,
    text: 'secret that calls between services carry',
    unset: 'embedded mode: random',
    note: 'Every process of an installation needs the same one.',
  }),
};
