"""The table of fields, the JSON Schema and docs/record.md name the same: check_record.py PRINTER SCHEMA DOC."""
import json
import re
import subprocess
import sys

printer, schema_path, doc_path = sys.argv[1:]
table = [line.split("\t") for line in
         subprocess.run([printer], capture_output=True, check=True, text=True).stdout.splitlines()]
schema = json.load(open(schema_path, encoding="utf-8"))
documented = re.findall(r"^\| `([^`]+)` \|", open(doc_path, encoding="utf-8").read(), re.M)


def paths(node, before=""):
    """All fields of the schema, as quotes[].text."""
    for name, inner in node.get("properties", {}).items():
        yield before + name
        yield from paths(inner, before + name + ".")
        yield from paths(inner.get("items", {}), before + name + "[].")


in_schema = list(paths(schema))
names_in_schema = {re.split(r"[.\]]\.?", path)[-1] for path in in_schema}
names = {name for name, _ in table}
problems = [f"{path}: in the schema, not in the docs" for path in in_schema if path not in documented]
problems += [f"{path}: in the docs, not in the schema" for path in documented if path not in in_schema]
problems += [f"{path}: twice in the docs" for path in set(documented) if documented.count(path) > 1]
problems += [f"{name}: in the table, not in the schema" for name in names - names_in_schema]
problems += [f"{name}: in the schema, not in the table" for name in names_in_schema - names]
meanings = {(name, meaning) for name, meaning in table}
problems += [f"{name}: the schema says something else than the table" for name, node in
             schema["properties"].items() if (name, node.get("description")) not in meanings]
print("\n".join(problems) or f"{len(in_schema)} fields agree")
sys.exit(bool(problems))
