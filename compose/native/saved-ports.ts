import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Ports, PublicPorts } from './ports';

/** The ports saved in a folder; a stack of containers has no inner ones. */
export type KnownPorts = PublicPorts & Partial<Ports>;

/** The ports of the last start in this folder. */
export function savedPorts(folder: string): KnownPorts | undefined {
  try {
    return JSON.parse(readFileSync(portsFile(folder), 'utf8'));
  } catch {
    return undefined;
  }
}

/** Saves the ports for the next start in this folder. */
export function savePorts(folder: string, ports: KnownPorts): void {
  mkdirSync(folder, { recursive: true });
  writeFileSync(portsFile(folder), JSON.stringify(ports));
}

/** Deletes the saved ports: this folder has no stack any more. */
export function deleteSavedPorts(folder: string): void {
  rmSync(portsFile(folder), { force: true });
}

function portsFile(folder: string): string {
  return join(folder, 'ports.json');
}
