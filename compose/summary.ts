import type { AppPlan } from './app/plan';
import type { PartStatus } from './native/stack';

const DEFAULT_FOLDER = '.stack';
/** The variables that hold the addresses of servers. */
export type Environment = Readonly<Record<string, string>>;

const TITLE_WIDTH = 14;
const ADDRESS_WIDTH = 24;

/** The variables for each datacenter's servers, and the commands to stop them. */
export function upText(environments: readonly Environment[], folder: string): string {
  const blocks = environments.flatMap((environment) => [
    ...Object.entries(environment).map(([name, value]) => `  export ${name}=${value}`),
    '',
  ]);
  return ['', 'The stack is up. Its addresses:', ...blocks, ...hints(folder), ''].join('\n');
}

/** The address of the page, with a token, and a command that creates load. */
export function appText({ doorPort, members }: AppPlan, token: string): string {
  const door = `http://localhost:${doorPort}`;
  const admins = members.map(({ adminPort }) => `--stages http://localhost:${adminPort}`);
  return [
    '',
    `The page    ${door}/?token=${token}`,
    `  load it   npm run load -- --url ${door} --token ${token} ${admins.join(' ')}`,
    '  the token is valid for a day, for the member demo',
    '',
  ].join('\n');
}

/** One line for each part: whether it runs, whether it answers, and the path of its log. */
export function statusText(parts: readonly PartStatus[], folder: string): string {
  const lines = parts.map(({ title, address = '', running, isReady, log }) => {
    const state = running
      ? `${isReady ? 'answers' : 'does NOT answer'} (${running})`
      : 'is stopped';
    const name = title.padEnd(TITLE_WIDTH);
    return `${name} ${address.padEnd(ADDRESS_WIDTH)} ${state}${running ? `, log: ${log}` : ''}`;
  });
  const isUp = parts.some(({ running }) => running !== undefined);
  return [...lines, '', ...(isUp ? hints(folder) : [`start with    npm run stack`]), ''].join('\n');
}

/** The text after a stop. */
export function stoppedText(folder: string): string {
  return `stopped; the data stays until   ${command('reset', folder)}\n`;
}

function hints(folder: string): string[] {
  return [
    `  stop with              ${command('stop', folder)}   (the data stays)`,
    `  see its status with    ${command('status', folder)}`,
    `  delete the data with   ${command('reset', folder)}`,
  ];
}

function command(name: string, folder: string): string {
  const where = folder === DEFAULT_FOLDER ? '' : ` --folder ${folder}`;
  return `npm run stack -- ${name}${where}`;
}
