// Elements are made of text alone: what a request brings is never read as HTML.

const $ = (id) => document.getElementById(id);

function make(name, text, attributes = {}, ...children) {
  const element = document.createElement(name);
  if (text !== null && text !== undefined && text !== "") element.textContent = String(text);
  for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, value);
  element.append(...children);
  return element;
}

function button(text, action, kind = "") {
  const made = make("button", text, { type: "button", class: kind });
  made.addEventListener("click", action);
  return made;
}

const pretty = (value) => JSON.stringify(value, null, 2);

function alarm(text) {
  $("alert").textContent = text ?? "";
  $("alert").hidden = !text;
}

// Runs what somebody asked for; what goes wrong is shown.
async function doing(action) {
  try {
    alarm("");
    await action();
  } catch (error) {
    alarm(error instanceof Refused || error instanceof SyntaxError ? error.message : `The mock does not answer: ${error.message}`);
  }
}

function wantToken() {
  $("token-form").hidden = false;
}
