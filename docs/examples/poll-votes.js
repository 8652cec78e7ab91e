/**
 * Votes in the poll of a video: each member has one vote, and viewers see the votes of each option.
 * Load it with EVENT_TYPES=docs/examples/poll-votes.js; docs/add-an-event-type.md describes it.
 */
module.exports = ({ eventType, counter, z }) => {
  const option = z.string().regex(/^[a-z0-9_-]{1,32}$/);

  return eventType({
    name: 'poll-votes',
    channelKind: 'video',
    idName: 'memberId',
    idFrom: 'member',
    body: z.object({ option }),
    columns: { option: 'text' },
    exact: true,
    maxPerRequest: 1,
    sharesRecords: true,
    policy: counter({
      event: 'poll-votes',
      field: 'options',
      totalField: 'votes',
      key: (body) => body.option,
    }),
  });
};
