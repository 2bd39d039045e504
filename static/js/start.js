// After the page has been painted: send what waits, and let the service worker keep pages for a day without network.
(() => {
  const onlyPlaceChanged = (before, now) => {
    const rest = text => [...new URLSearchParams(text)].filter(([name]) => name !== "place").sort().join()
    return rest(before) === rest(now)
  }

  async function start() {
    Queue.flush()
    addEventListener("online", Queue.flush)
    document.addEventListener("visibilitychange", () => document.hidden || Queue.flush())

    const who = Items.cookie("who") // for the service worker, which cannot read cookies
    if (who !== (await Drawers.get("who") || "")) Drawers.set("who", who)
    try {
      await navigator.serviceWorker.register("/service-worker.js")
      const prefs = Items.cookie("prefs"), before = await Drawers.get("prefs") || ""
      if (prefs === before) return
      const { active } = await navigator.serviceWorker.ready
      active.postMessage({ type: "prefs", prefs, place: onlyPlaceChanged(before, prefs) })
    } catch { /* every page works without it */ }
  }

  if (document.readyState === "complete") start()
  else addEventListener("load", () => setTimeout(start))
})()
