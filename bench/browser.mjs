// Starts a browser that is installed already; nothing is downloaded.

import { existsSync } from "node:fs";

import puppeteer from "puppeteer-core";

const PLACES = {
  chromium: [process.env.CHROMIUM, "/usr/bin/chromium", "/usr/bin/google-chrome"].filter(Boolean),
  firefox: ["/usr/bin/firefox-esr", "/usr/bin/firefox"],
};

/** `browser` is `chromium`, `firefox` or the path of either. WebGPU is on, on a software adapter if there is no other. */
export async function launch(browser) {
  const path = PLACES[browser]?.find((place) => existsSync(place)) ?? browser;
  if (!existsSync(path)) throw new Error(`There is no browser ${browser} here: give the path of one with --browser.`);
  const firefox = /firefox/.test(path);
  return puppeteer.launch({
    browser: firefox ? "firefox" : "chrome",
    executablePath: path,
    headless: true,
    // A slow contender's step takes minutes.
    protocolTimeout: 0,
    args: firefox
      ? []
      : [
          "--no-sandbox",
          "--enable-unsafe-webgpu",
          "--enable-unsafe-swiftshader",
          "--disable-background-networking",
        ],
    extraPrefsFirefox: { "dom.webgpu.enabled": true, "dom.webgpu.workers.enabled": true, "gfx.webgpu.ignore-blocklist": true },
  });
}
