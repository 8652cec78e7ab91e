/** Whether a vector, as `dc1.1@7,dc2.1@3`, has reached a place, as `dc1.1@5`. */
export function covers(vector: string, place: string): boolean {
  const at = place.lastIndexOf('@') + 1;
  const origin = place.slice(0, at);
  const offset = Number(place.slice(at));
  return vector.split(',').some((each) => {
    return each.startsWith(origin) && Number(each.slice(at)) >= offset;
  });
}
