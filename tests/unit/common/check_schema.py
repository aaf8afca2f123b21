"""Validates the lines that print_samples writes: check_schema.py PRINTER FORMAT SCHEMA."""
import json
import re
import subprocess
import sys

try:
    import jsonschema
except ImportError:
    sys.exit(77)  # meson: skipped

printer, form, schema_path = sys.argv[1:]
schema = json.load(open(schema_path, encoding="utf-8"))
if form == "ninjs":
    # GeoJSON is referred to by address; nothing that is written uses it
    assert '"geoJSON"' not in subprocess.run([printer, form], capture_output=True, text=True).stdout

checker = jsonschema.FormatChecker(formats=())
DATE_TIME = re.compile(r"\d{4}-(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])T([01]\d|2[0-3]):[0-5]\d:[0-5]\d(\.\d+)?"
                       r"(Z|[+-]([01]\d|2[0-3]):[0-5]\d)")
# RFC 3986, appendix A, without IP literals
PCHAR = r"(?:[A-Za-z0-9\-._~!$&'()*+,;=:@]|%[0-9A-Fa-f]{2})"
URI = re.compile(rf"[A-Za-z][A-Za-z0-9+.\-]*:(//(?:{PCHAR}*@)?(?:(?![:@]){PCHAR})*(:\d*)?(/{PCHAR}*)*|{PCHAR}+(/{PCHAR}*)*|/({PCHAR}+(/{PCHAR}*)*)?)"
                 rf"(\?({PCHAR}|[/?])*)?(#({PCHAR}|[/?])*)?")


@checker.checks("date-time")
def is_date_time(value):
    return not isinstance(value, str) or bool(DATE_TIME.fullmatch(value))


@checker.checks("uri")
def is_uri(value):
    return not isinstance(value, str) or bool(URI.fullmatch(value))


jsonschema.Draft202012Validator.check_schema(schema)
validator = jsonschema.Draft202012Validator(schema, format_checker=checker)
lines = subprocess.run([printer, form], capture_output=True, check=True).stdout.decode().splitlines()
failures = 0
lines = [line for line in lines if line]
for number, line in enumerate(lines, 1):
    for error in validator.iter_errors(json.loads(line)):
        print(f"line {number}: {error.json_path}: {error.message}")
        failures += 1
print(f"{len(lines)} lines of {form}, {failures} errors")
sys.exit(1 if failures or not lines else 0)
