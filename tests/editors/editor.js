// Runs the extension with stand-ins for the editor and for its client, which exist in Visual Studio Code only, and writes what it did, as JSON.
// Arguments: the extension's folder, the setting, the workspace folder, whether it is trusted, and whether the server is restarted in the end.
const Module = require("module");
const path = require("path");

const [extension, setting, folder, trusted, restarted] = process.argv.slice(2);
const did = [];
const commands = {};
const nothing = { dispose() {} };
const vscode = {
  workspace: {
    isTrusted: trusted === "yes",
    workspaceFolders: [{ uri: { fsPath: folder } }],
    getConfiguration: (section) => ({ get: (key, otherwise) => (section === "mlarch" && key === "server.path" && setting ? setting : otherwise) }),
    createFileSystemWatcher: () => nothing,
    onDidChangeConfiguration: () => nothing,
    onDidGrantWorkspaceTrust: () => nothing,
  },
  window: { showErrorMessage: async (message, ...choices) => void did.push(["message", message, choices]) },
  commands: { registerCommand: (name, run) => ((commands[name] = run), nothing) },
};
class LanguageClient {
  constructor(id, name, server, options) {
    did.push(["server", server.command, server.args, options.documentSelector.map((each) => each.language)]);
  }
  async start() {
    did.push(["start"]);
  }
  async stop() {
    did.push(["stop"]);
  }
}
const load = Module._load;
Module._load = (name, ...rest) => (name === "vscode" ? vscode : name === "vscode-languageclient/node" ? { LanguageClient } : load(name, ...rest));

(async () => {
  const { activate, deactivate } = require(path.join(extension, "extension.js"));
  await activate({ subscriptions: [] });
  if (restarted === "yes") await commands["mlarch.restartServer"]();
  await deactivate();
  process.stdout.write(JSON.stringify({ did, commands: Object.keys(commands) }));
})();
