// Where unsent things lie: three drawers, the best one first. Each may throw or hang at any call (private windows, full
// disks, old WebViews), so nothing here relies on one of them, nor on what worked a minute ago.
// The last drawer is this page itself: it always holds a copy of what was pressed here, whatever happens to the others.
const Drawers = (() => {
  const PATIENCE = 1000
  const PREFIX = "queue "

  // One database, one store, one version for ever: the version is in each record, so an older page and a newer service
  // worker can share it. It is opened for each call, because the person may wipe it while the page is open.
  const inDatabase = (mode, work) => new Promise((done, failed) => {
    const opening = indexedDB.open("queue", 1)
    opening.onupgradeneeded = () => opening.result.createObjectStore("queue")
    opening.onerror = failed
    opening.onsuccess = () => {
      const database = opening.result
      const finish = (how, what) => { database.close(); how(what) }
      try {
        const change = database.transaction("queue", mode, { durability: "strict" })
        const asked = work(change.objectStore("queue"))
        change.oncomplete = () => finish(done, asked.map(request => request.result))
        change.onabort = () => finish(failed, change.error)
      } catch (problem) { finish(failed, problem) }
    }
  })
  const database = {
    entries: () => inDatabase("readonly", store => [store.getAllKeys(), store.getAll()])
      .then(([keys, values]) => keys.map((key, n) => [String(key), values[n]])),
    get: key => inDatabase("readonly", store => [store.get(key)]).then(([value]) => value),
    set: (key, value) => inDatabase("readwrite", store => [store.put(value, key)]),
    delete: key => inDatabase("readwrite", store => [store.delete(key)]),
  }

  // What cannot be read (edited by hand) comes out as the text it is: it is shown, not dropped.
  const read = text => { try { return JSON.parse(text) } catch { return text } }
  const local = {
    entries: () => Object.keys(localStorage).filter(key => key.startsWith(PREFIX))
      .map(key => [key.slice(PREFIX.length), read(localStorage.getItem(key))]),
    get: key => { const text = localStorage.getItem(PREFIX + key); return text === null ? undefined : read(text) },
    set: (key, value) => localStorage.setItem(PREFIX + key, JSON.stringify(value)),
    delete: key => localStorage.removeItem(PREFIX + key),
  }

  const page = new Map()
  const lasting = [database, local]
  const all = [...lasting, page]
  const inTime = work => new Promise((done, failed) => {
    const timer = setTimeout(failed, PATIENCE)
    Promise.resolve().then(work).then(done, failed).then(() => clearTimeout(timer))
  })

  return {
    page,
    // What cannot be written as text (a card's keys) has this one alone, and no second copy.
    keys: database,
    // Everything found in any drawer; the better drawer's word counts.
    async entries() {
      const found = await Promise.all(all.map(drawer =>
        inTime(() => drawer.entries()).then(entries => [...entries]).catch(() => [])))
      return new Map([].concat(...found.reverse()))
    },
    async get(key) {
      for (const drawer of all) {
        const value = await inTime(() => drawer.get(key)).catch(() => {})
        if (value !== undefined) return value
      }
    },
    // True if it will still be there when this page is gone.
    async set(key, value) {
      page.set(key, value)
      for (const drawer of lasting) {
        try { await inTime(() => drawer.set(key, value)); return true } catch { continue }
      }
      return false
    },
    delete: key => Promise.all(all.map(drawer => inTime(() => drawer.delete(key)).catch(() => {}))),
  }
})()
