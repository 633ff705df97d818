// How fast the page answers, as the browser itself measures it.

/** Watches the page from its first script on: use as `prepare` of a visit. */
export async function watchPace(page) {
  await page.addInitScript(() => {
    const pace = { tasks: [], clicks: [] }
    window.__pace = pace
    new PerformanceObserver((list) => {
      for (const task of list.getEntries()) pace.tasks.push(task.duration)
    }).observe({ type: 'longtask' })
    new PerformanceObserver((list) => {
      // From the press of the button to the next frame painted, in steps of 8 ms.
      for (const event of list.getEntries()) if (event.name === 'click') pace.clicks.push(event.duration)
    }).observe({ type: 'event', durationThreshold: 16 })
  })
}

/** Forgets what was measured so far. */
export async function resetPace(page) {
  await page.evaluate(() => Object.assign(window.__pace, { tasks: [], clicks: [] }))
}

/** The longest task of the main thread and the slowest answer to a click, in milliseconds (0: none worth a record). */
export async function worstPace(page) {
  return page.evaluate(() => ({ task: Math.max(0, ...window.__pace.tasks), click: Math.max(0, ...window.__pace.clicks) }))
}
