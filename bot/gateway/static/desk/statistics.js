// The print button of the figures; paper has no folded tables.

document.getElementById("print").addEventListener("click", () => print());

const folded = () => document.querySelectorAll(".figures details");
addEventListener("beforeprint", () => folded().forEach((part) => { part.open = true; }));
addEventListener("afterprint", () => folded().forEach((part) => { part.open = false; }));
