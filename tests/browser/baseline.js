// What a script uses, as short words that the tables of baseline.py know: a free name `globalThis`, a member `Object.fromEntries`
// and `.submitter`, a call `.at()`, an option `dateStyle:`, a text `'…`. Throws where the script is no ES2018.
function uses(text) {
  // ES2019 added to the syntax only the optional catch binding, which the baseline has, and two characters in strings.
  const tree = acorn.parse(text, { ecmaVersion: 2019, sourceType: "script", locations: true })
  const found = []
  const name = node => !node ? "" : node.type === "Identifier" ? node.name : node.type === "Literal" ? String(node.value)
    : node.type === "MemberExpression" ? name(node.property) : ""
  const visitors = {
    Identifier: (node, say) => say(node.name),
    Literal: (node, say) => typeof node.value === "string" && say("'" + node.value),
    MemberExpression(node, say) {
      if (node.computed && node.property.type !== "Literal") return
      say("." + name(node.property))
      say(name(node.object) + "." + name(node.property))
    },
    CallExpression(node, say) {
      const own = node.callee.object && name(node.callee.object) === "clients" // of the service worker, not of a text
      if (node.callee.type === "MemberExpression" && !own) say("." + name(node.callee.property) + "()")
      const given = [].concat(...node.arguments.map(({ properties }) => properties || [])).map(({ key }) => name(key))
      if (name(node.callee) === "addEventListener" && given.includes("signal")) say("addEventListener(…, { signal })")
    },
    ObjectExpression: (node, say) => node.properties.forEach(({ key, computed }) => key && !computed && say(name(key) + ":")),
    ObjectPattern: (node, say) => node.properties.forEach(({ key }) => key && say("." + name(key))),
    VariableDeclarator(node, say) {
      if (node.id.type === "ObjectPattern") node.id.properties.forEach(({ key }) => key && say(name(node.init) + "." + name(key)))
    },
  }
  const isNode = value => value && typeof value.type === "string"
  const walk = node => {
    const visit = visitors[node.type]
    if (visit) visit(node, word => found.push([node.loc.start.line, word]))
    for (const [part, value] of Object.entries(node)) {
      // The name of a member or of a property is not a free name.
      if (!node.computed && (part === "property" || part === "key")) continue
      if (isNode(value)) walk(value)
      else if (Array.isArray(value)) value.filter(isNode).forEach(walk)
    }
  }
  walk(tree)
  return found
}
