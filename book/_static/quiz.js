// The options of a question become buttons that say whether they are right, and open its answer.
(function () {
  "use strict";

  document.addEventListener("DOMContentLoaded", () => {
    for (const list of document.querySelectorAll(".quiz-options:has(> .quiz-right)")) {
      const answer = list.parentElement.querySelector(".quiz-answer");
      for (const option of list.children) {
        const button = document.createElement("button");
        const verdict = document.createElement("span");
        verdict.className = "quiz-verdict";
        verdict.setAttribute("role", "status");
        button.type = "button";
        button.append(...(option.querySelector("p") ?? option).childNodes);
        button.addEventListener("click", () => {
          const right = option.matches(".quiz-right");
          option.dataset.verdict = right ? "right" : "wrong";
          verdict.textContent = right ? "✓ right" : "✗ no";
          if (right) answer.open = true;
        });
        option.replaceChildren(button, verdict);
      }
    }
  });
})();
