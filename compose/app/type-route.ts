/**
 * The routes of event types, which producers have: `/KINDs/ID/TYPE`, with more below it, and
 * `/TYPE?KINDId=`. As in door/nginx.conf.
 */
export const TYPE_ROUTE =
  /^\/(?:[a-z]+s\/[^/?]+\/[a-z]|(?!(?:stream|session)(?:\?|$))[a-z][a-z0-9-]*(?:\?|$))/;
