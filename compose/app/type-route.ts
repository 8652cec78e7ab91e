/** The routes of event types, which producers have: `/KINDs/ID/TYPE`. As in door/nginx.conf. */
export const TYPE_ROUTE = /^\/[a-z]+s\/[^/?]+\/[a-z]/;
