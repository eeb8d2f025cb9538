"""What survives the power cut of preload_powercut.c: a model of a disk that keeps only what was synced."""
import os
import pathlib
import shutil


class PowerCut:
    """A folder whose process loses power.

    cut = PowerCut(library, folder, shadow)
    subprocess.run(command, env=cut.environment(at=17, seed=4))   # dies at the 17th sync
    cut.survivors(other_folder)                                   # what is there when power is back
    """

    def __init__(self, library, folder, shadow):
        self.library, self.folder, self.shadow = map(pathlib.Path, (library, folder, shadow))

    def environment(self, at=0, seed=0):
        shutil.rmtree(self.shadow, ignore_errors=True)
        return os.environ | {
            "LD_PRELOAD": str(self.library.resolve()),
            "POWERCUT_FROM": str(self.folder),
            "POWERCUT_TO": str(self.shadow),
            "POWERCUT_AT": str(at),
            "POWERCUT_SEED": str(seed),
        }

    def survivors(self, target, folder="."):
        """Make `target` anew from what was durable."""
        target = pathlib.Path(target)
        shutil.rmtree(target, ignore_errors=True)
        target.mkdir(mode=0o700, parents=True)
        names = self.shadow / "names" / ("%" + ("" if folder == "." else folder.replace("/", "%")))
        if not names.exists():
            return
        for line in names.read_text().splitlines():
            kind, key, name = line.split(" ", 2)
            inner = name if folder == "." else f"{folder}/{name}"
            if kind == "d":
                self.survivors(target / name, inner)
                continue
            data = self.shadow / "data" / key
            if data.exists():
                shutil.copyfile(data, target / name)
            else:
                (target / name).touch()
            (target / name).chmod(0o600)
