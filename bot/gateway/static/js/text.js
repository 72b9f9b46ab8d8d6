// Plain text → elements, by textContent alone: paragraphs, lists, headings, addresses, telephone numbers.

const BULLET = /^\s*[•\-*–]\s+(.*)$/;
const NUMBER = /^\s*(\d{1,2})[.)]\s+(.*)$/;
const ADDRESS = /https?:\/\/[^\s<>"]+/;
const TELEPHONE = /(?:1[89]00[ .]?\d{2}[ .]?\d{2,4}|0\d{2,3}[ .]\d{3}[ .]\d{3,4}|0\d{9})(?!\d|[.\-/]\d)/;
const EMERGENCY = /gọi ngay (11[345])(?!\d)/;
const LONG_BLOCKS = 8;
const LONG_TEXT = 600;

export function element(name, className, text) {
  const made = document.createElement(name);
  if (className) made.className = className;
  if (text !== undefined) made.textContent = text;
  return made;
}

export function link(title, address) {
  const made = element("a", "", title);
  made.href = address;
  if (/^https?:/.test(address) && new URL(address).origin !== location.origin) {
    made.target = "_blank";
    made.rel = "noopener noreferrer";
  }
  return made;
}

// Only addresses that lead somewhere harmless; null for the rest.
export function safeAddress(address) {
  try {
    const made = new URL(address, location.origin);
    return ["http:", "https:", "tel:", "mailto:"].includes(made.protocol) ? made.href : null;
  } catch {
    return null;
  }
}

function inline(parent, text) {
  for (;;) {
    const found = [ADDRESS, TELEPHONE, EMERGENCY].map((pattern) => pattern.exec(text)).filter(Boolean)
      .sort((a, b) => a.index - b.index)[0];
    if (!found) break;
    const whole = found[1] ?? found[0].replace(/[.,;:!?)\]]+$/, "");
    const start = text.indexOf(whole, found.index);
    const before = text[start - 1] ?? " ";
    parent.append(text.slice(0, start));
    const isAddress = whole.startsWith("http");
    const alone = isAddress || /[\s(:]/.test(before);
    parent.append(alone ? link(whole, isAddress ? whole : `tel:${whole.replace(/[ .]/g, "")}`) : whole);
    text = text.slice(start + whole.length);
  }
  parent.append(text);
}

function listItem(blocks, kind, number, text) {
  let list = blocks.at(-1);
  if (!list || list.tagName !== kind || list.dataset.closed) {
    list = element(kind.toLowerCase(), "text");
    if (number !== undefined && number !== 1) list.start = number;
    blocks.push(list);
  }
  const item = element("li");
  inline(item, text);
  list.append(item);
}

function paragraph(blocks, line, fresh) {
  const last = blocks.at(-1);
  const inside = last && (last.tagName === "UL" || last.tagName === "OL") && !last.dataset.closed;
  if (inside && /^\s{2,}\S/.test(line)) {
    const note = element("span", "note");
    inline(note, line.trim());
    last.lastElementChild.append(note);
  } else if (/^[^.!?]{2,90}:\s*$/.test(line)) {
    blocks.push(element("p", "title", line.trim()));
  } else if (!fresh && last?.tagName === "P" && last.className !== "title") {
    last.append(element("br"));
    inline(last, line.trim());
  } else {
    const made = element("p");
    inline(made, line.trim());
    blocks.push(made);
  }
}

function blocksOf(text) {
  const blocks = [];
  let fresh = true;
  for (const line of text.split("\n")) {
    if (!line.trim()) {
      fresh = true;
      continue;
    }
    const bullet = BULLET.exec(line);
    const number = bullet ? null : NUMBER.exec(line);
    if (bullet) listItem(blocks, "UL", undefined, bullet[1]);
    else if (number) listItem(blocks, "OL", Number(number[1]), number[2]);
    else paragraph(blocks, line, fresh);
    fresh = false;
  }
  return blocks;
}

// What is beyond a phone's screen is folded; lists are cut between their items.
function cut(blocks) {
  let seen = 0;
  let length = 0;
  for (let index = 0; index < blocks.length; index += 1) {
    const rows = /^[UO]L$/.test(blocks[index].tagName) ? [...blocks[index].children] : [blocks[index]];
    for (const [position, row] of rows.entries()) {
      seen += 1;
      length += row.textContent.length;
      if (seen > LONG_BLOCKS && length > LONG_TEXT) {
        if (position === 0) return [blocks.slice(0, index), blocks.slice(index)];
        const rest = blocks[index].cloneNode(false);
        if (rest.tagName === "OL") rest.start = (blocks[index].start || 1) + position;
        rest.append(...rows.slice(position));
        return [blocks.slice(0, index + 1), [rest, ...blocks.slice(index + 1)]];
      }
    }
  }
  return [blocks, []];
}

export function renderText(text, words) {
  const body = element("div", "text-body");
  const blocks = blocksOf(text);
  const [shown, folded] = cut(blocks);
  body.append(...shown);
  if (folded.reduce((sum, block) => sum + block.textContent.length, 0) < 200) {
    body.append(...folded);
    return body;
  }
  const rest = element("div");
  rest.hidden = true;
  rest.append(...folded);
  const button = element("button", "more", words.more);
  button.type = "button";
  button.setAttribute("aria-expanded", "false");
  button.addEventListener("click", () => {
    rest.hidden = !rest.hidden;
    button.textContent = rest.hidden ? words.more : words.less;
    button.setAttribute("aria-expanded", String(!rest.hidden));
  });
  body.append(rest, button);
  return body;
}
