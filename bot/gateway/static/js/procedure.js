// A procedure's page: the print button, which is of no use without a script.

const print = document.getElementById("print");
print.hidden = false;
print.addEventListener("click", () => window.print());
