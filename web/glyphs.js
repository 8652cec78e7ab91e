const NAMES = ['like', 'celebrate', 'support', 'love', 'insightful', 'funny'];
const SIDE = 96;

/**
 * Loads the reactions' glyphs as small bitmaps, because drawing an SVG for each of a hundred
 * glyphs, sixty times a second, would cost frames.
 * @returns {Promise<Record<string, ImageBitmap>>} by reaction
 */
export async function loadGlyphs() {
  const bitmaps = await Promise.all(NAMES.map(load));
  return Object.fromEntries(NAMES.map((name, i) => [name, bitmaps[i]]));
}

async function load(name) {
  const image = new Image(SIDE, SIDE);
  image.src = new URL(`glyphs/${name}.svg`, import.meta.url).href;
  await image.decode();
  const bitmap = document.createElement('canvas');
  bitmap.width = bitmap.height = SIDE;
  bitmap.getContext('2d').drawImage(image, 0, 0, SIDE, SIDE);
  return createImageBitmap(bitmap);
}
