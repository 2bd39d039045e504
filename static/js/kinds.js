// What may wait for a network, one line a kind.
Items.kind("visit", ({ place, via, digits }) => ({ place: String(place), via: String(via), ...(digits && { digits: String(digits) }) }))
Items.kind("redemption", ({ place, code }) => ({ place: String(place), code: String(code) }))
Items.kind("look", ({ place, n }) => ({ place: String(place), n: Number(n) }))
