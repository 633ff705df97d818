// Starts the page. The theme is set first, so that nothing flashes; a browser that cannot run the page is told so.

try {
  document.documentElement.dataset.theme = localStorage.getItem("mien-theme") ?? "auto";
} catch {
  // Storage is closed: the system's theme it is.
}

try {
  const { default: start } = await import("./app.js");
  await start({ module_or_path: new URL("./app_bg.wasm", import.meta.url) });
} catch (error) {
  console.error(error);
  const line = document.getElementById("loading");
  if (line) {
    line.textContent =
      "Mien could not start here: it needs a browser with WebAssembly (Chrome or Edge 113, Firefox 128, Safari 17, or later). " +
      `Update the browser, or reload if the connection was lost. (${error.message ?? error})`;
  }
}
