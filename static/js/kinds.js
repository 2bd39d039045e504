// What may wait for a network, one line a kind.
Items.kind("visit", ({ place, via }) => ({ place: String(place), via: String(via) }))
