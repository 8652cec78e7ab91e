import { Metrics, metricsText } from '../../runtime/metrics';

/** The value of a sample with these labels. */
async function sampleOf(metrics: Metrics, sample: string): Promise<number | undefined> {
  const lines = (await metricsText(metrics, [])).split('\n');
  const line = lines.find((each) => each.startsWith(`${sample} `));
  return line === undefined ? undefined : Number(line.slice(sample.length));
}

describe('Metrics', () => {
  it('count entries by type and outcome', async () => {
    const metrics = new Metrics();
    metrics.taken('likes', 'new', 3);
    metrics.taken('likes', 'known', 1);
    metrics.taken('poll-votes', 'new', 2);
    metrics.folded('poll-votes', 2);
    const taken = 'likestream_entries_taken_total';
    expect(await sampleOf(metrics, `${taken}{type="likes",outcome="new"}`)).toBe(3);
    expect(await sampleOf(metrics, `${taken}{type="likes",outcome="known"}`)).toBe(1);
    expect(await sampleOf(metrics, `${taken}{type="poll-votes",outcome="new"}`)).toBe(2);
    expect(await sampleOf(metrics, 'likestream_entries_folded_total{type="poll-votes"}')).toBe(2);
  });

  it('count accepted entries on over several scrapes', async () => {
    const metrics = new Metrics();
    const taken = 'likestream_entries_taken_total{type="likes",outcome="new"}';
    metrics.taken('likes', 'new', 3);
    expect(await sampleOf(metrics, taken)).toBe(3);
    metrics.taken('likes', 'new', 2);
    expect(await sampleOf(metrics, taken)).toBe(5);
    expect(await sampleOf(metrics, taken)).toBe(5);
  });

  it('measure stages and peers in seconds', async () => {
    const metrics = new Metrics();
    metrics.stage('likes', 'written', 250);
    metrics.peerUpdate('likes', 'dc2', 40);
    const stage = 'likestream_stage_seconds_sum{type="likes",stage="written"}';
    expect(await sampleOf(metrics, stage)).toBe(0.25);
    const peer = 'likestream_peer_delay_seconds_sum{type="likes",peer="dc2"}';
    expect(await sampleOf(metrics, peer)).toBe(0.04);
  });

  it('do not count entries down after a cancel', async () => {
    const metrics = new Metrics();
    metrics.delivered('likes', 5);
    metrics.delivered('likes', -2);
    const delivered = 'likestream_entries_delivered_total{type="likes"}';
    expect(await sampleOf(metrics, delivered)).toBe(5);
  });
});
