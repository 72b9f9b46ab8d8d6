// Choosing a picture, or taking one, and making it small before it is sent: lines are slow, and a picture that
// is drawn anew no longer tells where it was taken.

const LARGEST = 10 * 1024 * 1024;
const LONGEST_SIDE = 2048;
const SHOWN_SIDE = 220;
const QUALITY = 0.85;
const BUTTON = /^rate\?feedback=(\d+)&picture=1$/;

// The feedback that a button wants a picture for; null for every other button.
export function feedbackOf(payload) {
  return BUTTON.exec(payload)?.[1] ?? null;
}

function drawn(source, longest) {
  const scale = Math.min(1, longest / Math.max(source.width, source.height));
  const canvas = document.createElement("canvas");
  canvas.width = Math.max(1, Math.round(source.width * scale));
  canvas.height = Math.max(1, Math.round(source.height * scale));
  const paper = canvas.getContext("2d");
  paper.fillStyle = "white";
  paper.fillRect(0, 0, canvas.width, canvas.height);
  paper.drawImage(source, 0, 0, canvas.width, canvas.height);
  return canvas;
}

async function made(file, words) {
  // What this browser cannot draw goes as it is: the server says what it makes of it.
  const source = await createImageBitmap(file).catch(() => null);
  if (source) {
    const picture = await new Promise((done) => drawn(source, LONGEST_SIDE).toBlob(done, "image/jpeg", QUALITY));
    const shown = drawn(source, SHOWN_SIDE);
    shown.className = "picture";
    shown.setAttribute("role", "img");
    shown.setAttribute("aria-label", words.picture);
    source.close();
    if (picture) return { picture, shown };
  }
  return file.size > LARGEST ? { error: words.picture_too_big } : { picture: file };
}

// onChosen({picture, shown?} or {error}); nothing is called when nothing is chosen. Phones offer the camera too.
export function choosePicture(words, onChosen) {
  const input = document.createElement("input");
  input.type = "file";
  input.accept = "image/jpeg,image/png,image/webp";
  input.hidden = true;
  document.body.append(input);
  input.addEventListener("cancel", () => input.remove());
  input.addEventListener("change", async () => {
    const [file] = input.files;
    input.remove();
    if (file) onChosen(await made(file, words));
  });
  input.click();
}
