// A file that a citizen sent: a picture of ours is shown, everything else is a link, or its name alone.

import { element, link, safeAddress } from "../js/text.js";

export function fileOf(file, unnamed) {
  const made = element("p", "said small");
  const name = file.name || unnamed;
  const address = safeAddress(file.url);
  if (!address?.startsWith("http")) {
    made.append(name);
    return made;
  }
  const way = link(name, address);
  way.target = "_blank";
  if (file.picture) {
    const picture = element("img", "sent-picture");
    picture.src = address;
    picture.alt = name;
    picture.loading = "lazy";
    way.replaceChildren(picture);
  }
  made.append(way);
  return made;
}
