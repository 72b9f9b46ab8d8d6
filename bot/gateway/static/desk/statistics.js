// The print button of the figures.

document.getElementById("print").addEventListener("click", () => print());
