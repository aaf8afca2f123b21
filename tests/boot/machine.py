"""A Debian machine of the test's own: a fresh tree from debootstrap, booted with its own systemd in a container.

The tree is made once and kept; a machine writes into an overlay on a tmpfs, so that each starts from the same. Mounts are
made in a mount namespace of the test and go with it: see in_own_namespace()."""
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time

NEEDED = ("debootstrap", "systemd-nspawn", "nsenter", "unshare")
OWN_NAMESPACE = "KHABAR_BOOT_NAMESPACE"


class CantBoot(Exception):
    """Why no machine can be had here; says nothing about khabar."""


def in_own_namespace():
    """Starts this program anew where its mounts are its own; returns in the new one only."""
    if os.geteuid() != 0:
        raise CantBoot("not root")
    for program in NEEDED:
        if not shutil.which(program):
            raise CantBoot(f"{program} is not installed")
    if os.environ.get(OWN_NAMESPACE):
        return
    os.environ[OWN_NAMESPACE] = "1"
    os.execvp("unshare", ["unshare", "--mount", "--propagation", "private", sys.executable, *sys.argv])


def make_tree(path):
    """A minimal Debian 12 with systemd and nothing else; does nothing when it is there."""
    if os.path.isdir(path):
        return
    unfinished = path + ".part"
    shutil.rmtree(unfinished, ignore_errors=True)
    done = subprocess.run(["debootstrap", "--variant=minbase", "--include=systemd,systemd-sysv,dbus", "bookworm", unfinished],
                          capture_output=True, text=True)
    if done.returncode != 0:
        raise CantBoot("debootstrap: " + (done.stdout + done.stderr).strip().splitlines()[-1])
    os.rename(unfinished, path)


class Machine:
    """`with Machine(tree) as machine`: a folder `root`, and after boot() a running system in it."""

    def __init__(self, tree, size="2g"):
        self.tree, self.size = tree, size
        self.leader = None
        self.nspawn = None

    def __enter__(self):
        self.folder = tempfile.mkdtemp(prefix="khabar-boot-")
        subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={self.size}", "khabar-boot", self.folder], check=True)
        upper, work, self.root = (os.path.join(self.folder, name) for name in ("upper", "work", "root"))
        for path in (upper, work, self.root):
            os.mkdir(path)
        done = subprocess.run(["mount", "-t", "overlay", "overlay", "-o",
                               f"lowerdir={self.tree},upperdir={upper},workdir={work}", self.root], capture_output=True, text=True)
        if done.returncode != 0:
            self.__exit__()
            raise CantBoot(done.stderr.strip())
        # its own identity, or it would take the host's
        with open(os.path.join(self.root, "etc/machine-id"), "w", encoding="ascii") as file:
            file.write(os.urandom(16).hex() + "\n")
        # the console asks for nobody
        os.symlink("/dev/null", os.path.join(self.root, "etc/systemd/system/console-getty.service"))
        shutil.copy("/etc/resolv.conf", os.path.join(self.root, "etc/resolv.conf"))
        return self

    def __exit__(self, *_):
        self.cut_power()
        for path in (getattr(self, "root", None), self.folder):
            if path:
                subprocess.run(["umount", "--lazy", path], capture_output=True, check=False)
        shutil.rmtree(self.folder, ignore_errors=True)

    def boot(self, timeout=60):
        """Until systemd says that it is up."""
        console = open(os.path.join(self.folder, "console"), "ab")
        self.nspawn = subprocess.Popen(["systemd-nspawn", "--quiet", "-D", self.root, "--register=no", "--keep-unit",
                                        "--link-journal=no", "--resolv-conf=off", "--console=pipe", "--boot"],
                                       stdin=subprocess.DEVNULL, stdout=console, stderr=console)
        console.close()
        deadline = time.monotonic() + timeout
        while True:
            if self.nspawn.poll() is not None or time.monotonic() > deadline:
                raise CantBoot("the machine does not come up: " + self.console()[-500:])
            children = subprocess.run(["pgrep", "-P", str(self.nspawn.pid)], capture_output=True, text=True, check=False).stdout
            if children:
                self.leader = int(children.split()[0])
                state = self.run("systemctl", "is-system-running", check=False).stdout.strip()
                if state in ("running", "degraded"):
                    return
            time.sleep(0.2)

    def cut_power(self):
        """Everything in it dies at once; what it wrote stays as it lies."""
        if self.leader:
            os.kill(self.leader, signal.SIGKILL)
            self.leader = None
        if self.nspawn:
            try:
                self.nspawn.wait(10)
            except subprocess.TimeoutExpired:
                self.nspawn.kill()
                self.nspawn.wait()
            self.nspawn = None

    def console(self):
        with open(os.path.join(self.folder, "console"), encoding="utf-8", errors="replace") as file:
            return file.read()

    def inside(self, *command):
        """The command line that runs a command in the machine."""
        return ["nsenter", "-t", str(self.leader), "-a", "env", "-i", "PATH=/usr/sbin:/usr/bin:/sbin:/bin", "LC_ALL=C.UTF-8",
                "DEBIAN_FRONTEND=noninteractive", *command]

    def run(self, *command, check=True, timeout=300):
        done = subprocess.run(self.inside(*command), capture_output=True, text=True, timeout=timeout, check=False)
        if check and done.returncode != 0:
            raise AssertionError(f"{' '.join(command)}: {done.returncode}\n{done.stdout[-3000:]}{done.stderr[-3000:]}")
        return done

    def path(self, path):
        """Of a file in the machine, as the test sees it."""
        return os.path.join(self.root, path.lstrip("/"))
