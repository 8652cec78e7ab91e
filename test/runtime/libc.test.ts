import { loadLibc } from '../../runtime/libc';

describe('the C library', () => {
  it.each([
    ['darwin', 'arm64'],
    ['win32', 'x64'],
    ['linux', 's390x'],
  ] as const)('is not loaded on %s %s, which has other constants', (platform, arch) => {
    expect(() => loadLibc(platform, arch)).toThrow(`${platform} ${arch}`);
  });

  const onLinux = process.platform === 'linux' ? it : it.skip;

  onLinux('returns the reason of a failed call', () => {
    const libc = loadLibc();
    expect(libc.close(-1)).toBe(-1);
    expect(libc.errno()).toBe(9);
  });
});
