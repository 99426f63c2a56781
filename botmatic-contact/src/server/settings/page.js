"use strict";
(() => {
  const form = document.getElementById("settings");
  const notice = document.getElementById("notice");
  const origins = form.dataset.origins.split(" ");
  const keeping = [...form.querySelectorAll("input[type=password], input[type=file]")];
  let saving = false;

  // The token is in the form; it need not stay in the address as well.
  history.replaceState(null, "", location.pathname);

  // The browser delivers to the origin that is there, and to no other.
  const tell = (message) => origins.forEach((origin) => window.parent.postMessage(message, origin));
  const tellHeight = () =>
    tell({ iframe_loaded: { height: Math.ceil(document.body.getBoundingClientRect().height) } });
  const tellSaved = (success) => tell({ iframe_saved: { success } });

  const say = (message) => {
    notice.hidden = false;
    notice.append(notice.textContent === "" ? "" : " ", message);
  };

  const mark = (name, message) => {
    const input = form.elements.namedItem(name);
    if (!(input instanceof Element) || input.type === "hidden") {
      say(`${name}: ${message}`);
      return;
    }
    const error = document.createElement("p");
    error.className = "help is-danger error";
    error.id = `error-${name}`;
    error.setAttribute("role", "alert");
    error.textContent = message;
    input.classList.add("is-danger");
    input.setAttribute("aria-invalid", "true");
    input.setAttribute("aria-errormessage", error.id);
    (input.type === "checkbox" ? input.closest("label") : input).after(error);
  };

  const unmark = () => {
    notice.hidden = true;
    notice.textContent = "";
    form.querySelectorAll(".error").forEach((error) => error.remove());
    form.querySelectorAll(".is-danger").forEach((input) => {
      input.classList.remove("is-danger");
      input.removeAttribute("aria-invalid");
      input.removeAttribute("aria-errormessage");
    });
  };

  // What is stored and never shown is said to be stored from now on, or no more.
  const settle = (input) => {
    const stored = document.getElementById(`stored-${input.name}`);
    const removal = stored.querySelector("input");
    const names = [...(input.files ?? [])].map((file) => file.name).join(", ");
    if (removal?.checked || input.value !== "") {
      stored.hidden = Boolean(removal?.checked);
      stored.querySelector("b").textContent = names === "" ? "Stored" : `Stored: ${names}`;
    }
    if (removal) removal.checked = false;
    input.value = "";
  };

  // The service refuses them as well, but only once they have travelled.
  const tooLarge = () =>
    keeping.filter(({ files, dataset }) =>
      [...(files ?? [])].reduce((sum, file) => sum + file.size, 0) > Number(dataset.maxSize ?? Infinity));

  const post = () => {
    const data = new FormData(form);
    const options = { method: "POST", cache: "no-store", referrerPolicy: "no-referrer" };
    if (form.querySelector("input[type=file]")) {
      return fetch(location.pathname, { ...options, body: data });
    }
    const headers = { Accept: "application/json", "Content-Type": "application/json" };
    return fetch(location.pathname, { ...options, headers, body: JSON.stringify(Object.fromEntries(data)) });
  };

  const sayNotSaved = () => say("The settings could not be saved. Try again later.");

  const save = async () => {
    unmark();
    let answer = {};
    const refused = tooLarge();
    refused.forEach((input) => mark(input.name, input.dataset.tooLarge));
    try {
      if (refused.length === 0) answer = (await (await post()).json()) ?? {};
    } catch {
      sayNotSaved();
      tellSaved(false);
      return;
    }
    const { success, error, errorFields } = answer;
    if (success) keeping.forEach(settle);
    for (const [name, message] of Object.entries(errorFields ?? {})) mark(name, String(message));
    if (error) say(String(error));
    if (!success && notice.hidden && !form.querySelector(".error")) sayNotSaved();
    tellSaved(Boolean(success));
    tellHeight();
  };

  window.addEventListener("message", async ({ source, origin, data }) => {
    if (source !== window.parent || !origins.includes(origin) || !data?.post_form || saving) return;
    saving = true;
    try {
      await save();
    } finally {
      saving = false;
    }
  });
  form.addEventListener("submit", (event) => event.preventDefault());
  window.addEventListener("load", () => setTimeout(tellHeight, 100));
})();
