// Sheets of many small pictures. An item shows its part of a sheet as a background: four hundred
// canvases would each be a layer of their own, which every frame has to put together.

async function decoded(address) {
  const content = await (await fetch(address)).blob();
  const image = new Image();
  image.src = URL.createObjectURL(content); // one short address for all cells of the sheet
  await image.decode();
  return image;
}

// Show item `place` of an answer in `frames[place]`, for all of them, a sheet at a time.
async function showSheets(answer, frames) {
  const images = answer.images ?? answer.sheets.map(decoded);
  const [width, height] = answer.tile;
  for (const [number, waiting] of images.entries()) {
    const image = await waiting;
    const first = number * answer.sheet;
    const columns = answer.columns;
    const rows = image.naturalHeight / height;
    const size = `${100 * columns}% ${100 * rows}%`;
    for (const [place, frame] of frames.slice(first, first + answer.sheet).entries()) {
      const left = share(place % columns, columns);
      const top = share(Math.floor(place / columns), rows);
      frame.classList.add("part");
      frame.style.setProperty("--ratio", width / height);
      frame.style.background = `url("${image.src}") ${left}% ${top}% / ${size}`;
    }
  }
  return images;
}

// Where a part lies, as backgrounds are placed: 0 the first, 100 the last.
function share(place, count) {
  return count > 1 ? (100 * place) / (count - 1) : 0;
}

// What is not on screen any more needs no room.
async function forgetSheets(images) {
  for (const waiting of images ?? []) URL.revokeObjectURL((await waiting).src);
}
