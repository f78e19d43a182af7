// Compiles contracts/*.sol into the .bin and .abi.json beside them, and has ethers sign what ours must sign alike.
// With --check nothing is written; the exit code says whether everything is as it is checked in.
import { readFileSync, writeFileSync, readdirSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { join } from "node:path";
import solc from "solc";
import { vectors } from "./vectors.mjs";

const folder = join(fileURLToPath(new URL(".", import.meta.url)), "contracts");
const check = process.argv.includes("--check");
const names = readdirSync(folder).filter((name) => name.endsWith(".sol")).sort();

const output = JSON.parse(
  solc.compile(
    JSON.stringify({
      language: "Solidity",
      sources: Object.fromEntries(names.map((name) => [name, { content: readFileSync(join(folder, name), "utf8") }])),
      settings: {
        optimizer: { enabled: true, runs: 200 },
        viaIR: true,
        evmVersion: "paris",
        // Without it the bytes would depend on every comment.
        metadata: { bytecodeHash: "none", appendCBOR: false },
        outputSelection: { "*": { "*": ["abi", "evm.bytecode.object"] } },
      },
    }),
  ),
);
const errors = (output.errors ?? []).filter((error) => error.severity === "error");
if (errors.length > 0) {
  for (const error of errors) console.error(error.formattedMessage);
  process.exit(1);
}

let stale = 0;
function keep(path, text) {
  let now = "";
  try {
    now = readFileSync(path, "utf8");
  } catch {
    // It is not there yet.
  }
  if (now === text) return;
  if (check) {
    console.error(`${path} is not what its source makes; run make contracts`);
    stale += 1;
  } else {
    writeFileSync(path, text);
    console.log(path);
  }
}

for (const name of names) {
  for (const [contract, made] of Object.entries(output.contracts[name])) {
    keep(join(folder, `${contract}.bin`), `${made.evm.bytecode.object}\n`);
    keep(join(folder, `${contract}.abi.json`), `${JSON.stringify(made.abi, null, 2)}\n`);
  }
}
keep(join(folder, "..", "vectors.json"), `${JSON.stringify(vectors(), null, 2)}\n`);
process.exit(stale > 0 ? 1 : 0);
