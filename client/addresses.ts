/** The addresses of the server; one is used until it fails. */
export interface Addresses {
  /** The address to use now. */
  current(): string;
  /** This one has failed. */
  failed(address: string): void;
}

export function createAddresses(given: string | readonly string[] = ''): Addresses {
  const urls = [given].flat().map((url) => url.replace(/\/$/, ''));
  let at = 0;
  const current = () => urls[at % urls.length] ?? '';
  return {
    current,
    // Several requests may fail at once.
    failed: (address) => {
      if (address === current()) at++;
    },
  };
}
