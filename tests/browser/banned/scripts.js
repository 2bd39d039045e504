// Each piece uses one thing that the baseline lacks. The test refuses every one of them; none is ever run.

// = syntax ?.
const name = person?.name
// = syntax ??
const words = said ?? ""
// = syntax ||=
said ||= ""
// = syntax **= is fine, ??= is not
said ??= ""
// = syntax class field
class Card { open = false }
// = syntax private name
class Box { #key() {} }
// = syntax static block
class Shop { static { Shop.all = [] } }
// = syntax import()
import("./card.js")
// = syntax top-level await
await fetch("/sync")
// = syntax big integer
const big = 10n
// = syntax numeric separator
const many = 1_000
// = syntax named regular expression indices
const found = /a/d
// = syntax module
import { card } from "./card.js"
// = globalThis
const here = globalThis
// = queueMicrotask
queueMicrotask(done)
// = structuredClone
const copy = structuredClone(record)
// = WeakRef
const loose = new WeakRef(record)
// = cookieStore
cookieStore.get("who")
// = CompressionStream
new CompressionStream("gzip")
// = crypto.randomUUID
const id = self.crypto.randomUUID()
// = Object.fromEntries
const { fromEntries } = Object
// = Object.hasOwn
Object.hasOwn(record, "v")
// = Object.groupBy
Object.groupBy(items, item => item.kind)
// = Promise.allSettled
Promise.allSettled(all)
// = Promise.any
Promise.any(all)
// = Promise.withResolvers
Promise.withResolvers()
// = Intl.RelativeTimeFormat
new Intl.RelativeTimeFormat("zh")
// = Intl.ListFormat
new Intl.ListFormat("zh")
// = Intl.DisplayNames
new Intl.DisplayNames(["zh"], { type: "region" })
// = Intl.Segmenter
new Intl.Segmenter("zh")
// = AbortSignal.timeout
fetch("/sync", { signal: AbortSignal.timeout(4000) })
// = AbortSignal.any
AbortSignal.any([one, other])
// = Response.json
Response.json({})
// = URL.canParse
URL.canParse(text)
// = indexedDB.databases
indexedDB.databases()
// = .replaceAll()
text.replaceAll("a", "b")
// = .matchAll()
text["matchAll"](/a/g)
// = .at()
list.at(-1)
// = .findLast()
list.findLast(Boolean)
// = .toSorted()
list.toSorted()
// = .toReversed()
list.toReversed()
// = .with()
list.with(0, 1)
// = .replaceChildren()
main.replaceChildren(view)
// = .requestSubmit()
form.requestSubmit()
// = .attachInternals()
this.attachInternals()
// = .getAnimations()
element.getAnimations()
// = .showPicker()
field.showPicker()
// = .submitter
form.addEventListener("submit", ({ submitter }) => submitter.blur())
// = .adoptedStyleSheets
document.adoptedStyleSheets = []
// = .inert
main.inert = true
// = .userAgentData
navigator.userAgentData
// = dateStyle:
moment.toLocaleString("zh", { dateStyle: "long" })
// = timeStyle:
moment.toLocaleString("zh", { timeStyle: "short" })
// = addEventListener(…, { signal })
addEventListener("online", flush, { signal: stop.signal })
// = :has(
document.querySelector("form:has(input)")
// = :is(
document.querySelector(":is(h1, h2)")
// = :where(
document.querySelector(":where(h1)")
// = :focus-visible
document.querySelector(":focus-visible")
