"""Makes of a lane's folders what a power cut may leave of them, from what powercut.c noted."""
import os
import random
import shutil
import subprocess

PAGE = 512  # a write is torn between sectors


class Disk:
    def __init__(self, folder):
        self.folder = os.path.join(folder, "disk")
        for name in ("files", "folders"):
            os.makedirs(os.path.join(self.folder, name))

    def environment(self, shim):
        return {"LD_PRELOAD": shim, "KHABAR_POWERCUT": self.folder}

    @staticmethod
    def key(path):
        """As powercut.c has it."""
        told = subprocess.run(["stat", "-c", "%i %W %w", path], capture_output=True, check=True).stdout.decode().split()
        nanoseconds = int(told[3].split(".")[1]) if len(told) > 3 else 0  # no time: the file system keeps none
        return f"{told[0]}-{told[1]}-{nanoseconds}"

    def names(self, path, key, chance):
        """name -> key: those that were synced, or those of now, which the kernel may have written by itself."""
        live = {name: self.key(os.path.join(path, name)) for name in os.listdir(path)}
        if chance.random() < 0.3:
            return live, live
        try:
            with open(os.path.join(self.folder, "folders", key), encoding="utf-8") as file:
                lines = [line.rstrip("\n").split(" ", 1) for line in file]
        except OSError:
            return {}, live
        return {name: inode for inode, name in lines}, live

    def content(self, key, live_path, chance):
        """What was synced, with any of the sectors that were written since, and either size."""
        try:
            with open(os.path.join(self.folder, "files", key), "rb") as file:
                synced = file.read()
        except OSError:
            synced = b""
        if not live_path or chance.random() < 0.3:
            return synced
        with open(live_path, "rb") as file:
            live = file.read()
        size = chance.choice([len(synced), len(live)])
        torn = bytearray(synced[:size].ljust(size, b"\0"))
        for at in range(0, size, PAGE):
            if live[at:at + PAGE] != torn[at:at + PAGE] and at < len(live) and chance.random() < 0.5:
                torn[at:at + PAGE] = live[at:at + PAGE].ljust(min(PAGE, size - at), b"\0")[:size - at]
        return bytes(torn)

    def restore(self, path, target, chance):
        """Builds target from what is left of path."""
        os.mkdir(target)
        names, live = self.names(path, self.key(path), chance)
        paths = {key: os.path.join(path, name) for name, key in live.items()}
        for name, key in names.items():
            source = paths.get(key)
            if source and os.path.isdir(source):
                self.restore(source, os.path.join(target, name), chance)
            elif source or os.path.exists(os.path.join(self.folder, "files", key)):
                with open(os.path.join(target, name), "wb") as file:
                    file.write(self.content(key, source, chance))

    def cut(self, folders, seed):
        """Puts the folders into the state after the cut; the notes begin anew."""
        chance = random.Random(seed)
        for path in folders:
            self.restore(path, path + ".after", chance)
            shutil.rmtree(path)
            os.rename(path + ".after", path)
        for name in ("files", "folders"):
            shutil.rmtree(os.path.join(self.folder, name))
            os.mkdir(os.path.join(self.folder, name))
