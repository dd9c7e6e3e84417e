// Starts the language server, `mlarch lsp`, for architecture files, and says what to do where it cannot be started.
const vscode = require("vscode");
const { LanguageClient } = require("vscode-languageclient/node");
const { candidates, failure } = require("./server");

let client;

/** The command that starts the server: of the settings, of the workspace's environment, or of the search path. */
function command() {
  const setting = vscode.workspace.getConfiguration("mlarch").get("server.path", "");
  // What lies in a folder that is not trusted is not run.
  const folders = vscode.workspace.isTrusted ? (vscode.workspace.workspaceFolders ?? []).map((each) => each.uri.fsPath) : [];
  return candidates(setting, folders)[0];
}

async function start() {
  const path = command();
  const problem = await failure(path);
  if (problem) {
    const chosen = await vscode.window.showErrorMessage(`mlarch: ${problem.message}`, ...(problem.install ? ["Copy the command"] : []), "Open settings");
    if (chosen === "Copy the command") await vscode.env.clipboard.writeText(problem.install);
    if (chosen === "Open settings") await vscode.commands.executeCommand("workbench.action.openSettings", "mlarch.server.path");
    return;
  }
  client = new LanguageClient(
    "mlarch",
    "mlarch",
    { command: path, args: ["lsp"] },
    {
      documentSelector: [{ language: "mlarch" }, { language: "yaml" }], // of YAML, the server takes architectures only
      synchronize: { fileEvents: vscode.workspace.createFileSystemWatcher("**/*.{mlarch,yaml,yml}") },
    }
  );
  await client.start();
}

async function stop() {
  const running = client;
  client = undefined;
  await running?.stop();
}

async function restart() {
  await stop();
  await start();
}

async function activate(context) {
  context.subscriptions.push(
    vscode.commands.registerCommand("mlarch.restartServer", restart),
    vscode.workspace.onDidChangeConfiguration((change) => (change.affectsConfiguration("mlarch.server.path") ? restart() : undefined)),
    vscode.workspace.onDidGrantWorkspaceTrust(restart)
  );
  await start();
}

module.exports = { activate, deactivate: stop };
