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

/** What was measured since, in milliseconds, the slowest first: tasks of the main thread over 50 ms, and answers to clicks. */
export async function pace(page) {
  return page.evaluate(() => {
    const slowestFirst = (durations) => [...durations].sort((a, b) => b - a)
    return { tasks: slowestFirst(window.__pace.tasks), clicks: slowestFirst(window.__pace.clicks) }
  })
}

/**
 * Whether the page kept answering at once: no more than `hiccups` of these were over 100 ms, and none over half a
 * second. A machine that two cores' worth of training keeps busy schedules late now and then; a page that does work
 * itself is late every time.
 */
export function isPrompt(slowestFirst, hiccups) {
  return (slowestFirst[0] ?? 0) <= 500 && (slowestFirst[hiccups] ?? 0) <= 100
}
