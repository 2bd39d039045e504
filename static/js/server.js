// One question to the server at a time, and what each answer teaches: how wrong this phone's clock is, and how long the
// server wants to be left in peace.
const Server = (() => {
  const PATIENCE = 20000
  const LONGEST_PAUSE = 3600000
  const SLOW = 4000
  let offset, pause, samples = []

  // The phone's clock is put right by the Date header. It is cut to whole seconds, hence the half second. Of the last three
  // answers the one that was fastest knows best. A slow one counts only when it says something else altogether: nothing
  // was known, or the clock was set meanwhile, and then the older ones are over.
  function learn(answer, sent, heard) {
    const trip = heard - sent
    const now = Math.round(Date.parse(answer.headers.get("Date")) + 500 - (sent + heard) / 2)
    if (isNaN(now) || trip > SLOW && Math.abs(now - offset) < trip) return
    samples = [{ now, trip }, ...samples.filter(one => Math.abs(one.now - now) < SLOW + 1000)].slice(0, 3)
    const best = samples.reduce((one, other) => other.trip < one.trip ? other : one).now
    if (!Number.isFinite(offset) || Math.abs(best - offset) > 1000) Drawers.set("offset", best)
    offset = best
  }

  function rest(after) {
    const until = isNaN(after) ? Date.parse(after) - (offset || 0) : Date.now() + after * 1000
    pause = Math.min(until, Date.now() + LONGEST_PAUSE) || 0
    Drawers.set("pause", pause)
  }

  return {
    // No network, no answer in time and a page that is not ours (a proxy's, a hotel's) are all status 0.
    async ask(path, options) {
      let tooLate
      try {
        const stop = new AbortController()
        tooLate = setTimeout(() => stop.abort(), PATIENCE)
        const sent = Date.now()
        const answer = await fetch(path, { credentials: "same-origin", cache: "no-store", signal: stop.signal, ...options })
        const heard = Date.now()
        const ours = !answer.redirected && !/html/.test(answer.headers.get("Content-Type"))
        if (ours) learn(answer, sent, heard)
        if (answer.headers.has("Retry-After")) rest(answer.headers.get("Retry-After"))
        const text = await answer.text()
        const status = ours ? answer.status : 0
        try { return { status, said: JSON.parse(text) } } catch { return { status } }
      } catch {
        return { status: 0 }
      } finally {
        clearTimeout(tooLate)
      }
    },

    // Milliseconds to add to this phone's clock; null while nothing is known.
    async offset() {
      if (offset === undefined) {
        const known = await Drawers.get("offset")
        if (offset === undefined) offset = Number.isFinite(known) ? known : null
      }
      return offset
    },

    // A moment by the district's clock, as the page tells its difference to UTC: 2024-09-19T12:10:36.000Z.
    local: at => new Date(at + 60000 * document.documentElement.dataset.offset).toISOString(),

    // How long it still wants to be left in peace. Longer than it could have asked for: the phone's clock was set back.
    async rests() {
      if (pause === undefined) pause = Number(await Drawers.get("pause")) || 0
      const left = pause - Date.now()
      return left > 0 && left <= LONGEST_PAUSE ? left : 0
    },
  }
})()
