import { z } from 'zod';
import { demoToken } from './app/demo-token';

const shape = z.object({
  JWT_SECRET: z.string(),
  DOOR_PORT: z.string(),
  DC2_DOOR_PORT: z.string(),
  KAFKA_UI_PORT: z.string(),
  GRAFANA_PORT: z.string(),
  PROMETHEUS_PORT: z.string(),
});

/** Prints the addresses of all services of compose.yaml, with a token for the page. */
async function main(): Promise<void> {
  const settings = shape.parse(process.env);
  const token = await demoToken({ jwtSecret: settings.JWT_SECRET });
  const at = (port: string, path = ''): string => `http://localhost:${port}/${path}`;
  const records = 'ui/clusters/dc1/all-topics/likestream.likes/messages';
  const lines = [
    `The page    ${at(settings.DOOR_PORT, `?token=${token}`)}`,
    `  of dc2    ${at(settings.DC2_DOOR_PORT, `?token=${token}`)}   (--profile dc2)`,
    `Kafka UI    ${at(settings.KAFKA_UI_PORT, records)}`,
    `Grafana     ${at(settings.GRAFANA_PORT)}`,
    `Prometheus  ${at(settings.PROMETHEUS_PORT, 'alerts')}`,
    '  the token is valid for a day, for the member demo',
  ];
  process.stdout.write(`${lines.join('\n')}\n`);
}

main().catch((error: unknown) => {
  process.stderr.write(`welcome: ${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 1;
});
