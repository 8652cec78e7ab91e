import { type Fingerprint, Fingerprints } from '../../../dispatchers/owner/fingerprints';

const VIDEO = 'video:42';
const MANY = 120_000;

const textOf = ({ high, low }: Fingerprint) => `${high} ${low}`;

describe('the fingerprint of an id', () => {
  it('depends on the secret, the channel and the id, and on whether it is a cancel', () => {
    const prints = [
      new Fingerprints('secret').ofEntry(VIDEO, 'a'),
      new Fingerprints('other').ofEntry(VIDEO, 'a'),
      new Fingerprints('secret').ofEntry('video:43', 'a'),
      new Fingerprints('secret').ofEntry('vidéo', 'a'),
      new Fingerprints('secret').ofEntry(VIDEO, 'b'),
      new Fingerprints('secret').ofCancel(VIDEO, 'a'),
      new Fingerprints('secret').ofCancel('video:43', 'a'),
    ];
    expect(new Set(prints.map(textOf)).size).toBe(prints.length);
  });

  it('is the same at each owner, however many channels each has had', () => {
    const all = new Fingerprints('secret');
    const first = all.ofEntry(VIDEO, 'a');
    for (let channel = 0; channel < MANY; channel++) all.ofEntry(`video:${channel + 100}`, 'a');
    expect(all.ofEntry(VIDEO, 'a')).toEqual(first);
    expect(new Fingerprints('secret').ofEntry(VIDEO, 'a')).toEqual(first);
  });
});
