// Elements. Whatever comes from the data goes in as text or as an attribute that can't run: never as markup.
const data = JSON.parse(document.getElementById("data").textContent);
const byId = (id) => document.getElementById(id);

// make("td.num", {title: "…"}, "text", element, null, [more])
const filled = (node, options, children) => {
  for (const [name, value] of Object.entries(options ?? {})) {
    if (value === undefined || value === null || value === false) continue;
    if (name.startsWith("on")) node.addEventListener(name.slice(2), value);
    else if (name === "style") Object.assign(node.style, value);
    else node.setAttribute(name, value === true ? "" : value);
  }
  node.append(...children.flat(Infinity).filter((child) => child !== null && child !== undefined && child !== false));
  return node;
};
const make = (what, options, ...children) => {
  const [kind, ...classes] = what.split(".");
  const node = document.createElement(kind || "div");
  if (classes.length) node.className = classes.join(" ");
  return filled(node, options, children);
};
const draw = (kind, options, ...children) =>
  filled(document.createElementNS("http://www.w3.org/2000/svg", kind), options, children);

const button = (what, text, pressed, options) =>
  make(`button.${what}`, { type: "button", onclick: pressed, ...options }, text);
const named = (text, what = "span") => make(`${what}.name`, { dir: "auto" }, text || "–");

// A section with its line in the navigation; nothing is shown of what the run has nothing of.
const section = (id, title, lead, ...children) => {
  const node = make("section", { id, "aria-labelledby": `${id}-title` },
    make(".head", null, make("h2", { id: `${id}-title` }, title), lead && make("p", null, lead)), ...children);
  byId("main").append(node);
  return node;
};
const places = []; // [id, title, count, tone]
const place = (id, title, count = "", tone = "soft") => places.push([id, title, count, tone]);

const say = (text) => { byId("said").textContent = text; };

const copyable = (text) => {
  const word = button("small", "Copy", async () => {
    try {
      await navigator.clipboard.writeText(text);
      word.textContent = "Copied";
      say("Copied");
    } catch {
      getSelection().selectAllChildren(code);
      word.textContent = "Selected";
    }
    setTimeout(() => { word.textContent = "Copy"; }, 1600);
  });
  const code = make("code", { tabindex: 0 }, text);
  return make(".command", null, code, word);
};

// Only what a browser may follow on a click: no javascript:, no file of this machine.
const linked = (text) => /^https?:\/\/[^\s]+$/.test(text)
  ? make("a", { href: text, rel: "noopener noreferrer" }, text.replace(/^https?:\/\//, ""))
  : text;

const table = (what, heads, rows, caption) => make(`.scroll`, { role: "region", "aria-label": caption, tabindex: 0 },
  make(`table.${what}`, null,
    make("thead", null, make("tr", null, heads.map((head) => make("th", { scope: "col" }, head)))),
    make("tbody", null, rows.map((cells) => make("tr", null, cells.map((cell, index) =>
      make(index ? "td" : "th", index ? { "data-head": heads[index] } : { scope: "row" }, [cell].flat(Infinity).map((part) => typeof part === "string" && part ? make("span", null, part) : part))))))));
