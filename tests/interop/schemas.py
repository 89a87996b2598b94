# SPDX-License-Identifier: Apache-2.0
"""Validates JSON files against the schemas in docs/schema, by the name of the schema: NAME FILE... [! FILE...].

Files behind "!" have to be refused. "statement" in a file (a DSSE envelope a line) is taken out of its envelope. Exit code 77: the
library is not there.
"""
import base64
import json
import pathlib
import sys

try:
    import jsonschema
except ImportError:
    sys.exit(77)

schemas = pathlib.Path(__file__).resolve().parents[2] / "docs" / "schema"
name = sys.argv[1]
schema = json.loads((schemas / (name + ".json")).read_text())
if name == "trust":
    keys = json.loads((schemas / "policy.json").read_text())["$defs"]
    schema["properties"]["keys"]["items"] = keys["key"]
    schema["$defs"]["time"] = keys["time"]
validator = jsonschema.Draft202012Validator(schema)
validator.check_schema(schema)
wanted = True
failed = False
for path in sys.argv[2:]:
    if path == "!":
        wanted = False
        continue
    text = pathlib.Path(path).read_text()
    if path.endswith(".jsonl"):
        statement = json.loads(base64.b64decode(json.loads(text.splitlines()[0])["payload"]))
        document = statement["predicate"]
    else:
        document = json.loads(text)
    errors = [error.message for error in validator.iter_errors(document)]
    if (not errors) != wanted:
        print(path, errors or "is accepted")
        failed = True
sys.exit(1 if failed else 0)
