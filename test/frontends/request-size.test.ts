import { MAX_CHANNELS_PER_REQUEST, RequestSize, SLOW_MS } from '../../frontends/request-size';

const NAMES = Array.from({ length: MAX_CHANNELS_PER_REQUEST }, (_, at) => `video:${at}`);

function joining(count: number) {
  return { join: NAMES.slice(0, count), reports: [] };
}

describe('the size of a request', () => {
  it('grows to the greatest one while full requests are fast', () => {
    const size = new RequestSize();
    const sizes = Array.from({ length: 4 }, () => {
      const { channels } = size;
      size.answered(joining(channels), SLOW_MS / 2);
      return channels;
    });
    expect(sizes).toEqual([100, 200, 400, MAX_CHANNELS_PER_REQUEST]);
  });

  it('grows if the reports alone fill a request', () => {
    const size = new RequestSize();
    const report = { channel: 'video:1', type: 'viewers', number: 1, seen: 0 };
    size.answered({ join: [], reports: Array(size.reports).fill(report) }, 1);
    expect(size.channels).toBe(200);
  });

  it('stays while requests are not full, or neither fast nor slow', () => {
    const size = new RequestSize();
    size.answered(joining(size.channels - 1), 1);
    size.answered(joining(size.channels), SLOW_MS / 2 + 1);
    size.answered(joining(size.channels), SLOW_MS);
    expect(size.channels).toBe(100);
  });

  it('is halved by a slow or a failed request, and never below its least', () => {
    const size = new RequestSize();
    size.answered(joining(1), SLOW_MS + 1);
    expect(size.channels).toBe(50);
    size.failed();
    expect(size.channels).toBe(25);
    for (let times = 0; times < 10; times++) size.failed();
    expect([size.channels, size.reports]).toEqual([8, 32]);
  });
});
