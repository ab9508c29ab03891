// Sends each file with its own request, three at a time, and tells Python once all have arrived.
const AT_ONCE = 3;

const megabytes = (bytes) => (bytes / 1e6).toFixed(1);

function newBatch() {
  // crypto.randomUUID is missing where the page is not served over https.
  return Array.from(crypto.getRandomValues(new Uint8Array(12)), (byte) =>
    byte.toString(16).padStart(2, "0")
  ).join("");
}

function send(api, batch, entry, report, running) {
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest();
    running.add(request);
    const query = new URLSearchParams({ batch, name: entry.name });
    request.open("POST", `${api}?${query}`);
    request.setRequestHeader("Content-Type", "application/octet-stream");
    request.setRequestHeader("X-Handful", "1"); // a foreign page cannot set it
    request.upload.onprogress = (event) => report(entry, event.loaded);
    request.onload = () => {
      running.delete(request);
      if (request.status === 200) return resolve();
      let sentence = `The server refused ${entry.name}.`;
      try {
        sentence = JSON.parse(request.responseText).error || sentence;
      } catch {}
      reject(new Error(sentence));
    };
    request.onerror = () => reject(new Error("The connection broke. Choose the files again."));
    request.onabort = () => reject(new Error("Upload cancelled."));
    request.send(entry.file);
  });
}

function discard(api, batch) {
  const query = new URLSearchParams({ batch });
  // Nothing is lost where it fails: the server clears what is older than a day.
  fetch(`${api}?${query}`, { method: "DELETE", headers: { "X-Handful": "1" } }).catch(() => {});
}

async function filesOfDrop(transfer) {
  const found = [];
  const walk = async (node, prefix) => {
    if (node.isFile) {
      const file = await new Promise((resolve, reject) => node.file(resolve, reject));
      found.push({ file, name: prefix + file.name });
    } else {
      const reader = node.createReader();
      for (;;) {
        const part = await new Promise((resolve, reject) => reader.readEntries(resolve, reject));
        if (!part.length) break;
        for (const child of part) await walk(child, `${prefix}${node.name}/`);
      }
    }
  };
  const nodes = Array.from(transfer.items, (item) => item.webkitGetAsEntry()).filter(Boolean);
  for (const node of nodes) await walk(node, "");
  return found;
}

function readable(entries, endings) {
  const known = (name) =>
    endings.some((ending) => name.toLowerCase().endsWith(ending)) ||
    (endings.includes(".idx") && name.includes("ubyte"));
  const hidden = (name) => name.split("/").some((part) => part.startsWith("."));
  return entries.filter((entry) => known(entry.name) && !hidden(entry.name));
}

export default function (component) {
  const { parentElement, setStateValue, data } = component;
  const field = parentElement.querySelector(".field");
  parentElement.querySelector(".prompt").textContent = data.prompt;
  if (field.dataset.ready) return; // called again on every rerun
  field.dataset.ready = "yes";
  const part = (selector) => parentElement.querySelector(selector);
  const running = new Set();

  const show = (uploading) => {
    part(".going").hidden = !uploading;
    part(".buttons").hidden = uploading;
    part(".prompt").hidden = uploading;
  };
  const complain = (sentence) => {
    part(".error").textContent = sentence;
    part(".error").hidden = !sentence;
  };

  async function upload(chosen) {
    const entries = readable(chosen, data.endings);
    if (!entries.length) return complain("None of these files can be read here.");
    complain("");
    show(true);
    const batch = newBatch();
    const total = entries.reduce((sum, entry) => sum + entry.file.size, 0);
    const loaded = new Map();
    const began = performance.now();
    const report = (entry, bytes) => {
      loaded.set(entry, bytes);
      const done = Array.from(loaded.values()).reduce((sum, value) => sum + value, 0);
      const rate = done / Math.max(0.001, (performance.now() - began) / 1000);
      part(".bar i").style.width = `${(100 * done) / Math.max(1, total)}%`;
      part(".state").textContent =
        `${megabytes(done)} of ${megabytes(total)} MB · ${megabytes(rate)} MB/s`;
    };
    const waiting = [...entries];
    const worker = async () => {
      for (let entry = waiting.shift(); entry; entry = waiting.shift()) {
        await send(data.api, batch, entry, report, running);
        report(entry, entry.file.size);
      }
    };
    try {
      await Promise.all(Array.from({ length: AT_ONCE }, worker));
      part(".state").textContent = `${entries.length} uploaded, looking inside …`;
      setStateValue("finished", batch);
    } catch (problem) {
      waiting.length = 0;
      running.forEach((request) => request.abort());
      running.clear();
      discard(data.api, batch);
      show(false);
      complain(problem.message);
    }
  }

  for (const kind of ["files", "folder"]) {
    const input = part(`input.${kind}`);
    part(`button.${kind}`).onclick = () => input.click();
    input.onchange = () => {
      const chosen = Array.from(input.files, (file) => ({
        file,
        name: file.webkitRelativePath || file.name,
      }));
      input.value = "";
      upload(chosen);
    };
  }
  part(".cancel").onclick = () => running.forEach((request) => request.abort());
  field.ondragover = (event) => {
    event.preventDefault();
    field.classList.add("over");
  };
  field.ondragleave = () => field.classList.remove("over");
  field.ondrop = async (event) => {
    event.preventDefault();
    field.classList.remove("over");
    upload(await filesOfDrop(event.dataTransfer));
  };
}
