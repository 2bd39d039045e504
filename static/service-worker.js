// Keeps the pages of the shell and what was seen of the public pages, for a day without network. It never touches what is
// personal (only answers marked X-Keep are kept) and never reloads a page. The server fills in the next three lines.
const VERSION = "";
const SHELL = [];
const QUEUE = "";
if (QUEUE) importScripts(QUEUE)

const PATIENCE = 3000
const AT_THE_TILL = 700
const MOST = 60
const shell = () => caches.open("shell-" + VERSION)
const pages = () => caches.open("pages")
const within = (ms, answer) => Promise.race([answer, new Promise(done => setTimeout(done, ms))])
const whole = answer => answer.status === 200 && !answer.redirected
const pathOf = url => new URL(url).pathname
const partsOf = html => html.match(/\/static\/[^"]+\.(css|js)(?=")/g) || []
const isCounter = url => pathOf(url) === "/verify"
const isStatic = url => pathOf(url).startsWith("/static/")

async function fetchShell() {
  const cache = await shell()
  await Promise.all(SHELL.map(async path => {
    // A static file's name is its content, so the copy that the page has just loaded will do.
    const answer = await fetch(path, { cache: path.startsWith("/static/") ? "default" : "reload" })
    if (!whole(answer)) throw new Error(path)
    await cache.put(path, answer)
  }))
}

async function takeOver() {
  // From now on the network is asked while this worker wakes up, which takes a slow phone half a second.
  if (registration.navigationPreload) await registration.navigationPreload.enable()
  // The shell before this one stays: pages kept then still ask for its scripts.
  const older = (await caches.keys()).filter(name => name.startsWith("shell-") && name !== "shell-" + VERSION)
  await Promise.all(older.slice(0, -1).map(name => caches.delete(name)))
  await dropUnusable()
  await renewApart()
  // What is being looked at came before this worker did: the browser's own cache has it, without a request.
  const looked = (await clients.matchAll({ includeUncontrolled: true, type: "window" })).map(({ url }) => url)
  for (const url of looked) {
    await fetch(url, { cache: "only-if-cached", mode: "same-origin" }).then(answer => keep(url, answer)).catch(() => {})
  }
  await clients.claim()
  if (looked.some(isCounter)) await bring(COUNTER)
}

// The button of a kept page needs its script: such a page goes when its shell has gone.
async function dropUnusable() {
  const cache = await pages()
  for (const { url } of (await cache.keys()).filter(({ url }) => isScan(url))) {
    const html = await (await cache.match(url, { ignoreVary: true })).text()
    const parts = await Promise.all(partsOf(html).map(part => caches.match(part)))
    if (!parts.every(Boolean)) await cache.delete(url, { ignoreVary: true })
  }
}

// These two open without network whatever was kept and thrown away since: each lies with its parts apart from the pages,
// the card from the first time it was opened on, the counter of a shop from the first time that its own page was. A new one
// takes its place only with all of its parts. What comes at a press alone (the scanner) is taken along once it is here.
const COUNTER = "/verify/offline"
const APART = { "/card": "card", [COUNTER]: "counter" }
const kept = path => caches.match(path, { ignoreVary: true, cacheName: APART[path] })
const bring = path => fetch(path, { cache: "no-cache" }).then(answer => keep(answer.url, answer)).catch(() => {})

async function keepApart(path, answer) {
  const cache = await caches.open(APART[path])
  const html = await answer.clone().text()
  const parts = partsOf(html)
  await Promise.all(parts.map(async part => {
    if (await cache.match(part)) return
    if (!new RegExp(` data-[a-z]+="${part}"`).test(html)) return cache.add(part)
    const here = await fetch(part, { cache: "only-if-cached", mode: "same-origin" }).catch(() => {})
    if (here && whole(here)) await cache.put(part, here)
  }))
  await cache.put(path, answer)
  const old = (await cache.keys()).filter(({ url }) => isStatic(url) && !parts.includes(pathOf(url)))
  await Promise.all(old.map(part => cache.delete(part)))
}

async function renewApart() {
  for (const path of Object.keys(APART)) if (await kept(path)) await bring(path)
}

async function keep(url, answer) {
  if (!whole(answer) || !answer.headers.get("X-Keep") || new URL(url).searchParams.has("near")) return
  if (APART[pathOf(url)]) return keepApart(pathOf(url), answer)
  const cache = await pages()
  await cache.put(url, answer)
  const all = await cache.keys()
  await Promise.all(all.slice(0, -MOST).map(oldest => cache.delete(oldest)))
}

// A kept page says from when it is: the hour, and the day too if it is not from today.
async function copy(url) {
  const kept = await caches.match(url, { ignoreVary: true, cacheName: "pages" })
  if (!kept) return (await shell()).match(url, { ignoreVary: true, ignoreSearch: true })
  const html = await kept.text()
  const words = when(Date.parse(kept.headers.get("Date")), html)
  return new Response(html.replace('id="kept" hidden', 'id="kept"').replace('id="kept-at">', `id="kept-at">${words}`), { headers: kept.headers })
}

// The hour by the district's clock, whose difference to UTC the page tells: asking for a zone takes a slow phone long.
function when(at, html) {
  const local = moment => new Date(moment + 60000 * (html.match(/ data-offset="(-?\d+)"/) || [0, 0])[1]).toISOString()
  const hour = local(at).slice(11, 16)
  if (local(at).slice(0, 10) === local(Date.now()).slice(0, 10)) return hour
  const lang = (html.match(/<html[^>]* lang="([^"]+)"/) || [])[1]
  const day = new Date(local(at)).toLocaleDateString(lang, { month: "long", day: "numeric", timeZone: "UTC" })
  return `${day} ${hour}`
}

// A station that was never opened on this phone has a page of the shell that reads its code from the address.
const isScan = url => /^\/s\/./i.test(pathOf(url))

const typedCode = url => {
  const { pathname, searchParams } = new URL(url)
  return pathname === "/s/" ? (searchParams.get("code") || "").trim() : ""
}

async function page(event) {
  const { url } = event.request
  const path = pathOf(url)
  const fresh = Promise.resolve(event.preloadResponse).then(early => early || fetch(event.request))
  event.waitUntil(fresh.then(async answer => {
    await keep(url, answer.clone())
    if (isCounter(url) && whole(answer)) await bring(COUNTER)
  }).catch(() => {}))
  const apart = isCounter(url) ? await kept(COUNTER) : APART[path] && await kept(path)
  const typed = typedCode(url)
  const other = typed ? Response.redirect("/s/" + encodeURIComponent(typed), 303)
    : apart || await copy(url) || (isScan(url) && await (await shell()).match("/s/"))
  try {
    const answer = await (other ? within(path === "/card" ? AT_THE_TILL : PATIENCE, fresh) : fresh)
    return answer && (answer.status < 500 || !other) ? answer : other
  } catch {
    return other || await (await shell()).match("/offline") || Response.error()
  }
}

// The language or the look has changed. A copy goes only when the new one is there.
async function renew({ prefs, place }) {
  for (const cache of [await shell(), await pages()]) {
    for (const { url } of await cache.keys()) {
      if (isStatic(url) || (place && !/^\/($|stations\/)/.test(pathOf(url)))) continue
      const answer = await fetch(url, { cache: "reload" })
      if (whole(answer) && answer.headers.get("X-Keep")) await cache.put(url, answer)
    }
  }
  await renewApart()
  await Drawers.set("prefs", prefs)
}

addEventListener("install", event => {
  skipWaiting()
  event.waitUntil(fetchShell())
})
addEventListener("activate", event => event.waitUntil(takeOver()))
addEventListener("fetch", event => {
  const { method, mode, url } = event.request
  if (method !== "GET" || !url.startsWith(location.origin)) return
  if (mode === "navigate") event.respondWith(page(event))
  else if (isStatic(url)) event.respondWith(caches.match(url).then(kept => kept || fetch(event.request)))
})
addEventListener("message", event => {
  if (event.data.type === "prefs") event.waitUntil(renew(event.data).catch(() => {}))
})
addEventListener("sync", event => {
  if (event.tag === "queue") event.waitUntil(Queue.flush().then(how => { if (how !== "done") throw new Error(how) }))
})
