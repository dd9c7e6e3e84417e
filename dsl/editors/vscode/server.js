// Where the language server is, and what is wrong where it does not start. Nothing here needs the editor.
const fs = require("fs");
const path = require("path");
const { spawn } = require("child_process");

const INSTALL = "pip install 'mlarch[lsp]'";

/** The commands that may start the server, the one to take first: the settings' own, those of the folders' environments, the search path's. */
function candidates(setting, folders) {
  const program = process.platform === "win32" ? ["Scripts", "mlarch.exe"] : ["bin", "mlarch"];
  const there = folders.flatMap((folder) => [".venv", "venv"].map((name) => path.join(folder, name, ...program)));
  const named = setting.replace(/^~(?=\/)/, process.env.HOME ?? "~").replace(/\$\{workspaceFolder\}/g, folders[0] ?? "");
  return named ? [named] : [...there.filter((each) => fs.existsSync(each)), "mlarch"];
}

/** What is wrong with a command, in words, and what to install; undefined when it starts. A server without an editor ends at once. */
function failure(command) {
  return new Promise((resolve) => {
    const started = spawn(command, ["lsp"], { stdio: ["pipe", "ignore", "pipe"] });
    let said = "";
    const patience = setTimeout(() => started.kill(), 20000);
    started.stdin.on("error", () => undefined);
    started.stdin.end();
    started.stderr.on("data", (part) => (said += part));
    started.on("error", (problem) => {
      clearTimeout(patience);
      const message = problem.code === "ENOENT" ? `there is no command \`${command}\`` : `\`${command}\` cannot be run: ${problem.message}`;
      resolve({ message: `${message}. Install it with ${INSTALL}, or name it in the setting mlarch.server.path.`, install: INSTALL });
    });
    started.on("close", (code) => {
      clearTimeout(patience);
      if (code === 0) return resolve(undefined);
      const lacking = said.includes("mlarch[lsp]") || /No such command/.test(said);
      const help = lacking ? ` Install what is missing with ${INSTALL}, in the environment of \`${command}\`.` : "";
      const told = said.trim().split("\n")[0] || `it ended with code ${code}`;
      resolve({ message: `\`${command} lsp\` does not start: ${told}.${help}`, install: lacking ? INSTALL : undefined });
    });
  });
}

module.exports = { candidates, failure, INSTALL };
