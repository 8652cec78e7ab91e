/** The key of the consumer group's position in a partition. */
export function positionKey(topic: string, partition: number): string {
  return `group/${topic}/${partition}`;
}
