// After the page has been painted: send what waits, and let the service worker keep pages for a day without network.
afterLoad(async function start() {
  Queue.flush()
  addEventListener("online", Queue.flush)
  document.addEventListener("visibilitychange", () => document.hidden || Queue.flush())

  // For the service worker, which cannot read cookies.
  const who = Items.cookie("who")
  if (who !== (await Drawers.get("who") || "")) Drawers.set("who", who)

  // Signed out of a phone that is not their own: the card goes from it as well, and the shop.
  if (Items.cookie("leave")) {
    Drawers.delete("counter")
    await Drawers.keys.delete("card").catch(() => {})
    document.cookie = "leave=; path=/; max-age=0"
  }

  // Every page works without it.
  try {
    await navigator.serviceWorker.register("/service-worker.js")
    const prefs = Items.cookie("prefs")
    const before = await Drawers.get("prefs") || ""
    if (prefs === before) return
    const withoutPlace = text => [...new URLSearchParams(text)].filter(([name]) => name !== "place").sort().join()
    const { active } = await navigator.serviceWorker.ready
    active.postMessage({ type: "prefs", prefs, place: withoutPlace(prefs) === withoutPlace(before) })
  } catch {}
})
