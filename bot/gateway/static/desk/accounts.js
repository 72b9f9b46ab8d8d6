// Accounts: inviting, other roles, closing and opening.

import { post } from "./call.js";
import { drawQr } from "./qr.js";

const { csrf } = document.querySelector("main").dataset;
const told = document.getElementById("told");
const form = document.getElementById("invite");

function tell(error) {
  told.textContent = error?.message ?? "";
  told.hidden = !error;
}

form.addEventListener("submit", async (event) => {
  event.preventDefault();
  const { data, error } = await post("/desk/api/invitations", Object.fromEntries(new FormData(form)), csrf);
  tell(error);
  if (!data) return;
  document.getElementById("qr").replaceChildren(drawQr(data.qr, "Mã QR của liên kết mời"));
  document.getElementById("link").textContent = data.link;
  document.getElementById("invitation").hidden = false;
});

async function change(account, values) {
  const { error } = await post(`/desk/api/accounts/${account}`, values, csrf);
  if (error) tell(error);
  else location.reload();
  return !error;
}

for (const select of document.querySelectorAll("select[data-account]")) {
  select.addEventListener("change", async () => {
    if (!(await change(select.dataset.account, { role: select.value }))) select.value = select.dataset.was;
  });
}
for (const button of document.querySelectorAll("button[data-account]")) {
  button.addEventListener("click", () => change(button.dataset.account, { disabled: button.dataset.disabled === "true" }));
}
