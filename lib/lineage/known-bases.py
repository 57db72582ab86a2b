#!/usr/bin/env python3
"""Makes src/main/resources/io/basewatch/lineage/bases.json, by which public images are recognised.

    known-bases.py CORPUS REGISTRY DEBIAN... > bases.json

REGISTRY: host:port where the corpus' images are served; '-' for none. 'basewatch describe' reads each of them once: by its packages and files, images are recognised that were
squashed. (BASEWATCH names the command.) What of an image is not read there is recognised by its layers alone.
CORPUS: the folder with truth.json and PROVENANCE.json; Alpine's root file systems and the published images of busybox are taken from it.
DEBIAN: checkouts of debuerreotype/docker-debian-artifacts, each named after its commit; the published images' configs are read, no layer.
"""
import json
import os
import pathlib
import subprocess
import sys
import tempfile

RELEASES = {"bullseye": "11", "bookworm": "12", "trixie": "13"}
WHAT = ("Layers of well-known public images, by the ChainID of all of them; of some also their packages and files, as sketches of these. Those called alpine: are Alpine's own root file systems,"
        " which images are made of, whoever makes them.")

SOURCES = {"library/alpine": "alpinelinux/docker-alpine", "library/busybox": "docker-library/busybox"}
NAMES = {"amd64": ("x86_64", "amd64"), "arm64": ("aarch64", "arm64v8"), "arm": ("armv7",)}


BASEWATCH = os.environ.get("BASEWATCH", str(pathlib.Path(__file__).resolve().parents[2] / "basewatch"))


def sketches(registry, image):
    """Which packages and files of the system the image has, as our own analysis tells it."""
    if registry == "-":
        return {}
    with tempfile.TemporaryDirectory() as scratch:
        told = subprocess.run([BASEWATCH, "describe", f"{registry}/{image['repo']}@{image['digest']}", "--name", image["repo"], "--plain-http",
                               "--out", f"{scratch}/base", "--output", "json"], check=True, stdout=subprocess.PIPE).stdout
    described = json.loads(told)
    if described["chain"] != image["diff_ids"][0]:
        sys.exit(f"{image['repo']}@{image['digest']}: has chain {described['chain']}, {image['diff_ids'][0]} was expected")
    return {name: described[name] for name in ("packages", "files") if described[name]}


def entry(reference, platform, diff_ids, source, **ground):
    if len(diff_ids) != 1:
        sys.exit(f"{reference}: {len(diff_ids)} layers, one was expected")
    return {"reference": reference, "platform": platform, "chain": diff_ids[0], "layers": 1,
            **{name: value for name, value in ground.items() if value}, "source": source}


def platform(said):
    # As they are compared: arm64 has no variant.
    variant = said.get("variant") if said["architecture"] == "arm" else None
    return "/".join(filter(None, ["linux", said["architecture"], variant]))


def debian(checkout):
    for suite, version in RELEASES.items():
        for kind in ("", "slim"):
            path = pathlib.PurePath(suite, kind, "oci/blobs/image-config.json")
            file = checkout / path
            if file.exists():
                config = json.loads(file.read_text())
                day = config["created"][:10].replace("-", "")
                tag = "-".join(filter(None, [suite, day, kind]))
                # A suite that was not released yet names no version.
                released = day >= {"trixie": "20250809"}.get(suite, "")
                yield entry(f"docker.io/library/debian:{tag}", platform(config), config["rootfs"]["diff_ids"],
                            f"rootfs.diff_ids of {path}, debuerreotype/docker-debian-artifacts@{checkout.name[:12]}",
                            distro="debian", version=version if released else None, codename=suite)


def corpus(folder, registry):
    truth = json.loads((folder / "truth.json").read_text())
    files = json.loads((folder / "PROVENANCE.json").read_text())["files"]
    for image in truth["images"]:
        if image["repo"] not in SOURCES:
            continue
        tag = (image["tags"] or image["via_index_tags"])[0]
        made = [file for file in files if file.get("repo") == SOURCES[image["repo"]]
                and (f"-{tag}-" in file["file"] or any(tag in use.partition(":")[2].split(",") for use in file["used_in"]
                                                       if use.startswith(image["repo"] + ":")))]
        if len(made) > 1:
            made = [file for file in made if any(name in file["file"] for name in NAMES[image["platform"]["architecture"]])]
        if len(made) != 1:
            print(f"{image['repo']}:{tag}: made of {len(made)} files, left out", file=sys.stderr)
            continue
        seen = sketches(registry, image)
        source = f"{made[0]['path']}, {made[0]['repo']}@{made[0]['commit'][:12]}"
        if image["repo"] == "library/alpine":
            release = image["truth"]["expected_distro"]
            yield entry(f"alpine:{tag}", platform(image["platform"]), image["diff_ids"], "root file system " + source,
                        distro="alpine", version=release["version"], variant="edge" if tag == "edge" else None, **seen)
        else:
            day = made[0]["date"][:10].replace("-", "")
            yield entry(f"docker.io/library/busybox:{tag.partition('-')[2]}", platform(image["platform"]), image["diff_ids"],
                        f"{source} of {day}", **seen)


bases = list(corpus(pathlib.Path(sys.argv[1]), sys.argv[2]))
for checkout in sys.argv[3:]:
    bases.extend(debian(pathlib.Path(checkout)))
bases.sort(key=lambda base: (base["reference"], base["platform"]))
print('{\n  "schema": 1,\n  "what": ' + json.dumps(WHAT) + ',\n  "bases": [')
print(",\n".join("    " + json.dumps(base) for base in bases))
print("  ]\n}")
