"""The units as they are installed: systemd can read them, and how exposed they are stays within what was promised.

usage: check_units.py UNIT..."""
import os
import re
import shutil
import subprocess
import sys
import tempfile

PROMISED = {"khabar-ingest@.service": 1.5}  # it may listen on tcp
OTHERWISE = 0.5


def overall(unit):
    """What `systemd-analyze security` says of a unit file, offline."""
    done = subprocess.run(["systemd-analyze", "security", "--no-pager", "--offline=yes", unit], capture_output=True, text=True,
                          env={**os.environ, "LC_ALL": "C.UTF-8"})
    found = re.search(r"Overall exposure level for \S+: ([0-9.]+)", done.stdout)
    assert found, done.stdout + done.stderr
    return float(found.group(1))


def complaints(folder, unit):
    """What systemd does not understand of a unit; that its program is not installed yet is no complaint."""
    instance = unit.replace("@.", "@test.")
    done = subprocess.run(["systemd-analyze", "verify", "--man=no", os.path.join(folder, instance)], capture_output=True,
                          text=True, env={**os.environ, "LC_ALL": "C", "SYSTEMD_UNIT_PATH": folder + ":"})
    return [line for line in done.stderr.splitlines() if "khabar" in line and "is not executable" not in line]


def main(units):
    if not shutil.which("systemd-analyze"):
        print("1..0 # SKIP systemd-analyze is not installed")
        return 0
    services = sum(path.endswith(".service") for path in units)
    print(f"1..{len(units) + services}")
    number = failed = 0
    with tempfile.TemporaryDirectory(prefix="khabar-units-") as folder:
        for path in units:
            shutil.copy(path, folder)
        for path in units:
            unit = os.path.basename(path)
            number += 1
            said = complaints(folder, unit)
            failed += bool(said)
            print(f"{'not ok' if said else 'ok'} {number} - {unit} is understood")
            for line in said:
                print("# " + line)
            if not unit.endswith(".service"):
                continue
            number += 1
            limit, level = PROMISED.get(unit, OTHERWISE), overall(os.path.join(folder, unit))
            failed += level > limit
            print(f"{'ok' if level <= limit else 'not ok'} {number} - {unit}: exposure {level}, promised {limit}")
    return int(failed != 0)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
