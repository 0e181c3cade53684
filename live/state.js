// What an interactive figure shows, as Python: a program of `live/states/`, in which the lines that
// say what the state is, `name = value`, get the values of now.
"use strict";

const goldenState = (() => {
  function literal(value) {
    if (value === lp.PHI) return "lp.PHI";
    if (typeof value === "boolean") return value ? "True" : "False";
    return JSON.stringify(value).replaceAll(",", ", ");
  }

  function asCode(program, state) {
    let code = program.trimEnd();
    for (const [name, value] of Object.entries(state)) {
      const line = new RegExp(`^${name} = .*?(?=  #|$)`, "m");
      if (!line.test(code)) throw new Error(`No line says what ${name} is`);
      code = code.replace(line, () => `${name} = ${literal(value)}`);
    }
    return code;
  }

  return { asCode };
})();
