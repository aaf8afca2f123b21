"""debian/control asks for the libraries that scripts/packages installs to build with, and for no others.

usage: check_build_depends.py SOURCE"""
import os
import re
import sys


def wanted(path):
    """The libraries that building and running need."""
    with open(path, encoding="utf-8") as file:
        build, _, _ = file.read().partition("# only to test")
    names = {line.split("#")[0].strip() for line in build.splitlines()}
    return {name for name in names if re.fullmatch(r"(lib|zlib).*-dev", name)} - {"libc6-dev"}  # build-essential has it


def asked_for(path):
    with open(path, encoding="utf-8") as file:
        field = re.search(r"^Build-Depends:(.*?)^\S", file.read(), re.M | re.S).group(1)
    names = [row.strip() for row in field.split(",")]
    return {name.split()[0] for name in names if re.match(r"(lib|zlib).*-dev", name) and "<!nocheck>" not in name}


def main(source):
    listed, control = wanted(os.path.join(source, "scripts/packages")), asked_for(os.path.join(source, "debian/control"))
    print("1..1")
    print(f"{'ok' if listed == control else 'not ok'} 1 - {len(listed)} libraries to build with")
    for name in sorted(listed ^ control):
        print(f"# {name} is only in {'scripts/packages' if name in listed else 'debian/control'}")
    return int(listed != control)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
