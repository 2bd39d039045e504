// What a person did and the server has not answered for yet: each item with its own id, its own time and whose it is.
const Items = (() => {
  const MOST = 200
  const PREFIX = "item "
  const kinds = new Map()

  // Every tab and the service worker hear what became of an item. Without channels a page learns it when it sends its copy.
  const tell = news => dispatchEvent(new CustomEvent("queue", { detail: news }))
  let others
  try {
    others = new BroadcastChannel("queue")
    others.onmessage = ({ data }) => {
      if (data.result) Drawers.page.delete(data.key)
      tell(data)
    }
  } catch {}
  const tellAll = news => {
    tell(news)
    if (others) others.postMessage(news)
  }

  function cookie(name) {
    try {
      const found = document.cookie.split("; ").find(pair => pair.startsWith(name + "="))
      return found ? found.slice(name.length + 1) : ""
    } catch { return "" }
  }

  const moment = ({ pressed, offset }, now) => new Date(pressed + (Number.isFinite(offset) ? offset : now || 0))

  // An item as it goes to the server, its time put right by what was known at the press, else by what is known now.
  // A kind or a version unknown here goes as it is; what is no item at all (edited by hand) throws.
  function written(record, now) {
    const { v, kind, client_id, who } = record
    const at = Number.isFinite(record.pressed) ? moment(record, now).toISOString() : record.at
    const sound = [kind, client_id, who, at].every(text => typeof text === "string")
    if (!sound || !/^[!-~]{1,64}$/.test(client_id)) throw new TypeError("not an item")
    const make = kinds.get(kind) || (({ pressed, offset, label, ...rest }) => rest)
    return JSON.stringify({ ...make(record), v, kind, client_id, who, at })
  }

  function state(record, who) {
    try { written(record) } catch { return "broken" }
    if (typeof record.refused === "string") return "refused"
    return record.who && record.who !== who ? "other" : "waiting"
  }

  return {
    cookie, tellAll, written,
    random: () => Array.from(crypto.getRandomValues(new Uint8Array(16)), n => (n + 256).toString(16).slice(1)).join(""),
    key: record => PREFIX + record.client_id,

    // A later kind plugs in with one line: the fields of its record that go to the server.
    kind: (name, make) => kinds.set(name, make),

    // All of them, oldest first: waiting, other (of somebody who is not signed in now), refused or broken.
    async all() {
      const who = self.document ? cookie("who") : await Drawers.get("who")
      const items = []
      for (const [key, value] of await Drawers.entries()) {
        const record = Object(value)
        if (key.startsWith(PREFIX)) items.push({ key, record, state: state(record, who) })
      }
      const age = ({ record }) => Number(record.pressed) || 0
      return items.sort((one, next) => age(one) - age(next))
    },

    async record(kind, fields) {
      const pressed = Date.now()
      return { v: 1, kind, who: cookie("who"), pressed, offset: await Server.offset(), ...fields }
    },

    // Keeps a record and says what the person may be told: queued, page-only or full.
    async put(record) {
      const key = Items.key(record)
      const others = (await Items.all()).filter(item => item.key !== key)
      if (others.length >= MOST) return "full"
      return await Drawers.set(key, record) ? "queued" : "page-only"
    },

    // It has been answered for (or "read"). What was refused stays with its reason until the person has read it.
    async settle({ key, record }, result, message) {
      if (result === "refused") await Drawers.set(key, { ...record, refused: String(message || "") })
      else await Drawers.delete(key)
      tellAll({ key, result, message })
    },

    // When it happened, by the district's clock.
    time: (record, options) => moment(record).toLocaleString(options ? document.documentElement.lang : "en-GB",
      { hour: "2-digit", minute: "2-digit", timeZone: document.documentElement.dataset.zone, ...options }),
  }
})()
