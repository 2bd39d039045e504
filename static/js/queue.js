// Sends what waits. An item leaves only when the server has answered for its own client_id. Sending twice is harmless,
// because the server knows the id; so whatever is in doubt is kept and sent again.
const Queue = (() => {
  const BATCH = 50
  const LEASE = 30000
  const SHORTEST = 5000
  const LONGEST = 60000
  const RESULTS = ["accepted", "duplicate", "cool-down", "refused"]
  // A press and a flush do not send the same item at the same time.
  const onTheWay = new Set()
  let wait = 0, timer, running

  // Gives the status; 200 means that every item has been answered for.
  async function send(items) {
    if (await Server.rests()) return 429
    items.forEach(({ key }) => onTheWay.add(key))
    try {
      if (await Server.offset() === null && items.some(({ record }) => !Number.isFinite(record.offset))) {
        const { status } = await Server.ask("/healthz")
        if (status !== 200) return status
      }
      const now = await Server.offset()
      const { status, said } = await Server.ask("/sync", {
        method: "POST",
        headers: { "Content-Type": "application/json" },
        body: "[" + items.map(({ record }) => Items.written(record, now)) + "]",
      })
      if (status === 200) return await settle(items, said)
      if (![400, 413, 422].includes(status)) return status
      // It cannot read the whole: find the one that is to blame, so that it does not hold up the others.
      const half = items.length >> 1
      if (half) return await send(items.slice(0, half)) === 200 ? await send(items.slice(half)) : 0
      return said && said.message ? await settle(items, [{ ...said, client_id: items[0].record.client_id, result: "refused" }]) : 0
    } finally {
      items.forEach(({ key }) => onTheWay.delete(key))
    }
  }

  async function settle(items, answers) {
    let status = 200
    for (const item of items) {
      const answer = Array.isArray(answers) && answers.find(one => one && one.client_id === item.record.client_id)
      if (answer && RESULTS.includes(answer.result)) await Items.settle(item, answer.result, answer.message)
      else status = 0
    }
    return status
  }

  // All that can go now, in few requests; what nobody or another person pressed does not hold up the rest.
  async function drain() {
    const tried = new Set()
    for (;;) {
      const ready = (await Items.all()).filter(({ key, state }) => state === "waiting" && !tried.has(key) && !onTheWay.has(key))
      const batch = ready.filter(({ record }) => record.who === ready[0].record.who).slice(0, BATCH)
      if (!batch.length) return "done"
      batch.forEach(({ key }) => tried.add(key))
      const status = await send(batch)
      if (status !== 200 && status !== 401) return "later"
    }
  }

  // One tab at a time. Without locks a lease does; if even that cannot be kept, the server still counts once.
  async function alone(work) {
    let asked
    try {
      return await navigator.locks.request("queue", { ifAvailable: true }, lock => {
        asked = true
        return lock ? work() : "later"
      })
    } catch (problem) { if (asked) throw problem }
    const left = await Drawers.get("lease") - Date.now()
    if (left > 0 && left <= LEASE) return "later"
    await Drawers.set("lease", Date.now() + LEASE)
    try { return await work() } finally { await Drawers.delete("lease") }
  }

  // By and by, but only while somebody looks at the page; else the browser is asked to wake the service worker.
  async function later() {
    Items.tellAll({})
    wait = Math.min(Math.max(2 * wait, SHORTEST), LONGEST)
    const pause = Math.max(wait, await Server.rests())
    clearTimeout(timer)
    if (self.document && !document.hidden) timer = setTimeout(flush, pause)
    // Few browsers can.
    try { await (await navigator.serviceWorker.getRegistration()).sync.register("queue") } catch {}
  }

  // Says "done" when nothing is left that could go now.
  function flush() {
    if (!running) {
      running = alone(drain).catch(() => "later").then(how => {
        running = undefined
        if (how === "later") later()
        else wait = 0
        return how
      })
    }
    return running
  }

  return { send, flush, later }
})()
