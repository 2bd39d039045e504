// A public page asks who is signed in only on a phone where somebody is: for all others one request less.
if (Items.cookie("who")) {
  for (const place of document.querySelectorAll('[hx-trigger="who"]')) place.setAttribute("hx-trigger", "load")
}
