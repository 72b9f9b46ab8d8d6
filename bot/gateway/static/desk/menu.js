// Signing out, and a menu that closes by itself.

import { post } from "./call.js";
import { forgetAll } from "./typed.js";

const menu = document.getElementById("menu");
const leave = document.getElementById("leave");

leave.addEventListener("click", async () => {
  forgetAll(null);
  await globalThis.caches?.delete("quay");
  const { data } = await post("/desk/api/leave", {}, leave.dataset.csrf);
  location.href = data?.to ?? "/desk/vao";
});
document.addEventListener("click", (event) => {
  if (menu.open && !menu.contains(event.target)) menu.open = false;
});
document.addEventListener("keydown", (event) => {
  if (event.key === "Escape") menu.open = false;
});
