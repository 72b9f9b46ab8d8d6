// One reply of the API → one bubble.

import { element, link, renderText, safeAddress } from "./text.js";

function day(iso) {
  return String(iso ?? "").split("-").reverse().join("/");
}

function sourceItem(name, source, words, lead = "") {
  const item = element(name, "", lead);
  const address = source.url && safeAddress(source.url);
  item.append(address ? link(source.title, address) : source.title);
  if (source.checked_on) item.append(`. ${words.checked.replace("{day}", day(source.checked_on))}`);
  return item;
}

function renderSources(sources, words) {
  const made = element("footer", "sources");
  made.append(sourceItem("p", sources[0], words, `${words.source} `));
  if (sources.length > 1) {
    const more = element("details");
    const list = element("ul");
    list.append(...sources.slice(1).map((source) => sourceItem("li", source, words)));
    more.append(element("summary", "", `${words.sources} (${sources.length - 1})`), list);
    made.append(more);
  }
  return made;
}

function renderLinks(reply, words) {
  const links = reply.links.map(({ title, url }) => [title, safeAddress(url)]).filter(([, url]) => url);
  if (reply.kind === "answer" && reply.procedure) {
    const page = new URL(`/thu-tuc/${encodeURIComponent(reply.procedure)}`, location.origin).href;
    if (!links.some(([, url]) => url === page)) links.push([words.page, page]);
  }
  if (!links.length) return null;
  const list = element("ul", "links");
  for (const [title, url] of links) {
    const item = element("li");
    const made = link(title, url);
    if (url.startsWith(location.origin)) made.target = "_blank";
    item.append(made);
    list.append(item);
  }
  return list;
}

export function renderChoices(buttons, onTap) {
  const list = element("ul", "choices");
  for (const { title, payload } of buttons) {
    const item = element("li");
    const button = element("button", "", title);
    button.type = "button";
    button.addEventListener("click", () => {
      button.classList.add("chosen");
      onTap(title, payload);
    });
    item.append(button);
    list.append(item);
  }
  return list;
}

export function renderReply(reply, words, onTap) {
  const bubble = element("article", `bubble bot ${reply.kind}`);
  const body = renderText(reply.text, words);
  const first = body.firstElementChild;
  if (reply.procedure_code && first?.tagName === "P" && first.textContent.includes(reply.procedure_code)) first.className = "title";
  bubble.append(element("span", "hidden-words", words.bot), body);
  if (reply.sources.length) bubble.append(renderSources(reply.sources, words));
  const links = renderLinks(reply, words);
  if (links) bubble.append(links);
  if (reply.buttons.length) bubble.append(renderChoices(reply.buttons, onTap));
  return bubble;
}

export function renderMine(text, words) {
  const bubble = element("article", "bubble me");
  bubble.append(element("span", "hidden-words", words.me), text);
  return bubble;
}
