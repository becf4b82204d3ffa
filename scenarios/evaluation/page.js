const only = document.getElementById("only-wrong");
const name = document.getElementById("name-contains");
const shown = document.getElementById("shown");
const all = [...document.querySelectorAll(".scenario")];
function filter() {
  document.body.classList.toggle("hide-right", only.checked);
  let count = 0;
  for (const one of all) {
    one.hidden = !one.dataset.name.includes(name.value.trim().toLowerCase());
    if (!one.hidden && (!only.checked || one.classList.contains("wrong"))) count += 1;
  }
  shown.textContent = `${count} of ${all.length} shown`;
}
only.addEventListener("change", filter);
name.addEventListener("input", filter);
filter();
