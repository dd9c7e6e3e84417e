// Reads {grammar, texts} from standard input and writes, for each text, its tokens as [offset, length, scopes], as Visual Studio Code sees them.
const fs = require("fs");
const path = require("path");
const { createRequire } = require("module");

const asked = JSON.parse(fs.readFileSync(0, "utf8"));
const fromThere = createRequire(path.join(process.cwd(), "package.json"));
const { Registry, parseRawGrammar, INITIAL } = fromThere("vscode-textmate");
const oniguruma = fromThere("vscode-oniguruma");

async function main() {
  await oniguruma.loadWASM(fs.readFileSync(fromThere.resolve("vscode-oniguruma/release/onig.wasm")));
  const registry = new Registry({
    onigLib: Promise.resolve({
      createOnigScanner: (patterns) => new oniguruma.OnigScanner(patterns),
      createOnigString: (text) => new oniguruma.OnigString(text),
    }),
    loadGrammar: async () => parseRawGrammar(fs.readFileSync(asked.grammar, "utf8"), asked.grammar),
  });
  const grammar = await registry.loadGrammar("source.mlarch");
  const answer = {};
  for (const [name, text] of Object.entries(asked.texts)) {
    let stack = INITIAL;
    let offset = 0;
    answer[name] = [];
    for (const line of text.split("\n")) {
      const found = grammar.tokenizeLine(line, stack);
      stack = found.ruleStack;
      for (const token of found.tokens) {
        const length = Math.min(token.endIndex, line.length) - token.startIndex;
        answer[name].push([offset + token.startIndex, length, token.scopes.join(" ")]);
      }
      offset += line.length + 1;
    }
  }
  process.stdout.write(JSON.stringify(answer));
}

main();
