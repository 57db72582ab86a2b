#!/usr/bin/env python3
"""Makes src/main/resources/io/basewatch/lineage/bases.json, by which public images are recognised.

    known-bases.py CORPUS DEBIAN... > bases.json

CORPUS: the folder with truth.json and PROVENANCE.json; Alpine's root file systems and the published images of busybox are taken from it.
DEBIAN: checkouts of debuerreotype/docker-debian-artifacts, each named after its commit; the published images' configs are read, no layer.
"""
import json
import pathlib
import sys

RELEASES = {"bullseye": "11", "bookworm": "12", "trixie": "13"}
WHAT = ("Layers of well-known public images, by the ChainID of all of them. Those called alpine: are Alpine's own root file systems,"
        " which images are made of, whoever makes them.")

SOURCES = {"library/alpine": "alpinelinux/docker-alpine", "library/busybox": "docker-library/busybox"}
NAMES = {"amd64": ("x86_64", "amd64"), "arm64": ("aarch64", "arm64v8"), "arm": ("armv7",)}


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


def corpus(folder):
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
        source = f"{made[0]['path']}, {made[0]['repo']}@{made[0]['commit'][:12]}"
        if image["repo"] == "library/alpine":
            release = image["truth"]["expected_distro"]
            yield entry(f"alpine:{tag}", platform(image["platform"]), image["diff_ids"], "root file system " + source,
                        distro="alpine", version=release["version"], variant="edge" if tag == "edge" else None)
        else:
            day = made[0]["date"][:10].replace("-", "")
            yield entry(f"docker.io/library/busybox:{tag.partition('-')[2]}", platform(image["platform"]), image["diff_ids"],
                        f"{source} of {day}")


bases = list(corpus(pathlib.Path(sys.argv[1])))
for checkout in sys.argv[2:]:
    bases.extend(debian(pathlib.Path(checkout)))
bases.sort(key=lambda base: (base["reference"], base["platform"]))
print('{\n  "schema": 1,\n  "what": ' + json.dumps(WHAT) + ',\n  "bases": [')
print(",\n".join("    " + json.dumps(base) for base in bases))
print("  ]\n}")
