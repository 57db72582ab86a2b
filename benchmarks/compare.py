#!/usr/bin/env python3
"""Measures `basewatch inspect` against Trivy, Syft, gzip and igzip on three images, and prints Markdown.

    benchmarks/compare.py FOLDER [--rounds N] [--only NAME,...] [--also NAME=COMMAND]...

The images are OCI layouts in FOLDER, made of this machine's own files the first time (a Debian or one of its kin): "small" is 28 MB of its packages, the most necessary ones
first, "middle" has one layer of 248 MB of libraries on top of that, "large" one of 951 MB, all counted as stored (gzip -6). They need about 1.3 GB, and a few minutes to be made.

Every command is a process of its own, all of them in turn, round by round (3); figures are medians: wall seconds / CPU seconds / peak memory of the largest process in MB,
and the wall time as a share of that of `gzip -dc` over the same layers. What is not on the PATH is left out and told. Trivy reads an image anew each time, as a CI job does: by
default it would remember the layers of the round before. It wants its database of Java archives, which it fetches on its first run.
`inspect` inflates by ISA-L where the machine has it (Debian's libisal2); the line after it is without.
In COMMAND {} stands for a layout's folder: --also 'before=OTHER_CHECKOUT/basewatch inspect oci:{}'.
"""

import argparse
import hashlib
import json
import os
import random
import shlex
import shutil
import statistics
import subprocess
import sys
import tarfile
import time

HERE = os.path.dirname(os.path.abspath(__file__))
MEGABYTE = 1_000_000
SMALL = 28
IMAGES = {"small": 0, "middle": 248, "large": 951}
LEFT_OUT = ("/usr/share/doc/", "/usr/share/man/", "/usr/share/locale/", "/usr/share/info/")


def commands(layout, also):
    layers = " ".join(shlex.quote(path) for path in layer_files(layout))
    inspect = f"{shlex.quote(os.path.join(HERE, '..', 'basewatch'))} inspect oci:{{}}"
    all_commands = {
        "`inspect`": inspect,
        "`inspect`, zlib": f"env BASEWATCH_ANALYZER_ISAL=false {inspect}",
        "Trivy (SBOM)": "trivy image --quiet --offline-scan --cache-backend memory --format cyclonedx --input {}",
        "Syft": "syft scan --quiet -o json oci-dir:{}",
        "`gzip -dc`": f"gzip -dc {layers}",
        "`igzip -dc`": f"igzip -dc {layers}",
    }
    all_commands.update(also)
    return {name: shlex.split(command.replace("{}", layout)) for name, command in all_commands.items()}


def layer_files(layout):
    with open(os.path.join(layout, "layers.json"), encoding="utf-8") as file:
        return [os.path.join(layout, "blobs", "sha256", layer["digest"][7:]) for layer in json.load(file)]


def measure(command):
    """Wall and CPU seconds and peak MB of one run; ends this program when the command fails."""
    start = time.monotonic()
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
    said = process.stderr.read()
    _, status, usage = os.wait4(process.pid, 0)
    wall = time.monotonic() - start
    if status != 0:
        sys.exit(f"{shlex.join(command)} failed:\n{said.decode(errors='replace')}")
    return wall, usage.ru_utime + usage.ru_stime, usage.ru_maxrss * 1024 / MEGABYTE


def report(folder, rounds, only, also):
    results = {}
    for image in IMAGES:
        layout = os.path.join(folder, image)
        there = {}
        for name, command in commands(layout, also).items():
            if only and name.strip("`") not in only:
                continue
            if shutil.which(command[0]):
                there[name] = command
            else:
                results.setdefault(name, {})[image] = None
        runs = {name: [] for name in there}
        for turn in range(rounds + 1):
            for name, command in there.items():
                figures = measure(command)
                if turn > 0:  # the first one only fills caches
                    runs[name].append(figures)
        for name, figures in runs.items():
            results.setdefault(name, {})[image] = [statistics.median(column) for column in zip(*figures)]
    sizes = {image: sum(map(os.path.getsize, layer_files(os.path.join(folder, image)))) for image in IMAGES}
    print("| | " + " | ".join(f"{sizes[image] / MEGABYTE:.0f} MB" for image in IMAGES) + " |")
    print("|---" * (len(IMAGES) + 1) + "|")
    for name, figures in results.items():
        print(f"| {name} | " + " | ".join(cell(figures[image], results.get("`gzip -dc`"), image) for image in IMAGES) + " |")


def cell(figures, gzip, image):
    if figures is None:
        return "not on the PATH"
    wall, cpu, peak = figures
    share = f" ({wall / gzip[image][0]:.2f})" if gzip and gzip[image] else ""
    return f"{wall:.2f} / {cpu:.2f} / {peak:.0f}{share}"


# --- making the images


def make(folder):
    for image, megabytes in IMAGES.items():
        layout = os.path.join(folder, image)
        if os.path.exists(os.path.join(layout, "layers.json")):
            continue
        print(f"making {layout}", file=sys.stderr)
        blobs = os.path.join(layout, "blobs", "sha256")
        os.makedirs(blobs, exist_ok=True)
        layers = [layer(blobs, packages(), SMALL * MEGABYTE)]
        if megabytes:
            layers.append(layer(blobs, libraries(), megabytes * MEGABYTE))
        write_layout(layout, blobs, layers)


def packages():
    """Pairs of a file and its name in the layer: the packages' database and what they consist of, those first that no Debian is without."""
    listed = subprocess.run(["dpkg-query", "-W", "-f", "${Priority} ${Package}\n"], capture_output=True, text=True, check=True).stdout
    priorities = ["required", "important", "standard", "optional"]
    rows = sorted((priorities.index(row[0]), row[1]) for row in map(str.split, listed.splitlines()) if row[0] in priorities)
    files = subprocess.run(["dpkg-query", "-L"] + [name for _, name in rows], capture_output=True, text=True).stdout
    for path in ["/bin", "/lib", "/lib64", "/sbin", "/var/lib/dpkg/status", *files.splitlines()]:
        # Where folders have become links, a file has one name only.
        if path.startswith("/") and os.path.lexists(path) and os.path.realpath(os.path.dirname(path)) == os.path.dirname(path) and not path.startswith(LEFT_OUT):
            yield path, path[1:]


def libraries():
    """All files of /usr/lib in an order that is always the same, again and again, each time in another folder."""
    paths = []
    for at, _, names in os.walk("/usr/lib"):
        paths += [os.path.join(at, name) for name in names]
    paths = [path for path in sorted(paths) if os.path.isfile(path) and not os.path.islink(path)]
    random.Random(9).shuffle(paths)
    turn = 0
    while paths:
        for path in paths:
            yield path, f"opt/libraries/{turn}{path}"
        turn += 1


def layer(blobs, files, stored):
    """Writes one, of those files until it is that long; returns what its descriptor and the config say of it."""
    unfinished = os.path.join(blobs, "unfinished")
    with open(unfinished, "wb") as out:
        gzip = subprocess.Popen(["gzip", "-6", "-n"], stdin=subprocess.PIPE, stdout=out)
        pipe = Hashing(gzip.stdin)
        with tarfile.open(fileobj=pipe, mode="w|", format=tarfile.GNU_FORMAT) as tar:
            seen = set()
            for path, name in files:
                if os.fstat(out.fileno()).st_size >= stored:
                    break
                try:
                    if name not in seen:
                        tar.add(path, name, recursive=False)
                    seen.add(name)
                except PermissionError:
                    pass
        gzip.stdin.close()
        if gzip.wait() != 0:
            sys.exit("gzip failed")
    with open(unfinished, "rb") as file:
        digest = "sha256:" + hashlib.file_digest(file, "sha256").hexdigest()
    os.rename(unfinished, os.path.join(blobs, digest[7:]))
    return {
        "mediaType": "application/vnd.oci.image.layer.v1.tar+gzip",
        "digest": digest,
        "size": os.path.getsize(os.path.join(blobs, digest[7:])),
        "diffId": "sha256:" + pipe.hash.hexdigest(),
    }


class Hashing:
    def __init__(self, out):
        self.out = out
        self.hash = hashlib.sha256()

    def write(self, data):
        self.hash.update(data)
        return self.out.write(data)


def write_layout(layout, blobs, layers):
    def blob(document, media_type):
        data = json.dumps(document).encode()
        name = hashlib.sha256(data).hexdigest()
        with open(os.path.join(blobs, name), "wb") as file:
            file.write(data)
        return {"mediaType": media_type, "digest": "sha256:" + name, "size": len(data)}

    config = blob(
        {"architecture": "amd64", "os": "linux", "config": {}, "rootfs": {"type": "layers", "diff_ids": [each.pop("diffId") for each in layers]}},
        "application/vnd.oci.image.config.v1+json",
    )
    media_type = "application/vnd.oci.image.manifest.v1+json"
    manifest = blob({"schemaVersion": 2, "mediaType": media_type, "config": config, "layers": layers}, media_type)
    manifest["annotations"] = {"org.opencontainers.image.ref.name": "latest"}
    for name, document in [
        ("oci-layout", {"imageLayoutVersion": "1.0.0"}),
        ("index.json", {"schemaVersion": 2, "manifests": [manifest]}),
        ("layers.json", layers),
    ]:
        with open(os.path.join(layout, name), "w", encoding="utf-8") as file:
            json.dump(document, file)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--images", default=",".join(IMAGES), help="which of them (all)")
    parser.add_argument("--only", default="", help="the names of the commands to run, without `")
    parser.add_argument("--also", action="append", default=[], metavar="NAME=COMMAND")
    options = parser.parse_args()
    for image in set(IMAGES) - set(options.images.split(",")):
        del IMAGES[image]
    make(options.folder)
    only = set(filter(None, options.only.split(",")))
    report(options.folder, options.rounds, only, dict(each.split("=", 1) for each in options.also))


if __name__ == "__main__":
    main()
