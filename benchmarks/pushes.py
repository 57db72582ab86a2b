#!/usr/bin/env python3
"""How long it takes from a push to a real docker-registry to the analysed result: pushes.py REGISTRY_FOLDER [--lost] -- BASEWATCH...

REGISTRY_FOLDER is the folder of a registry with library/alpine that holds "docker" (it is linked, not written to); BASEWATCH is the command that is followed by "serve".
With --lost the registry sends no webhooks, and is swept every 10 s. Pushes ten images, each the same layers with another config.
"""
import hashlib, json, os, shutil, signal, socket, statistics, subprocess, sys, tempfile, time, urllib.error, urllib.request

PUSHES, REPOSITORY, SECRET = 10, "library/alpine", "0123456789abcdef"
ACCEPT = ("application/vnd.oci.image.index.v1+json, application/vnd.docker.distribution.manifest.list.v2+json, "
          "application/vnd.oci.image.manifest.v1+json, application/vnd.docker.distribution.manifest.v2+json")


def free():
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


def ask(url, method="GET", body=None, **headers):
    request = urllib.request.Request(url, body, {k.replace("_", "-"): v for k, v in headers.items()}, method=method)
    with urllib.request.urlopen(request, timeout=30) as answer:
        return answer.read(), answer.headers


def answer(url):
    try:
        return json.loads(ask(url)[0])
    except (urllib.error.URLError, OSError):
        return None


def until(what, seconds, holds):
    end = time.time() + seconds
    while time.time() < end:
        found = holds()
        if found:
            return found
        time.sleep(0.02)
    raise SystemExit(f"{what}: not within {seconds} s")


def manifest(registry):
    tags = json.loads(ask(f"{registry}/v2/{REPOSITORY}/tags/list")[0])["tags"]
    body, headers = ask(f"{registry}/v2/{REPOSITORY}/manifests/{tags[0]}", Accept=ACCEPT)
    read = json.loads(body)
    if "manifests" in read:
        first = next(m for m in read["manifests"] if m["platform"]["architecture"] == "amd64")
        body, headers = ask(f"{registry}/v2/{REPOSITORY}/manifests/{first['digest']}", Accept=ACCEPT)
        read = json.loads(body)
    return read, headers["Content-Type"], json.loads(ask(f"{registry}/v2/{REPOSITORY}/blobs/{read['config']['digest']}")[0])


def push(registry, read, kind, config, n):
    config = dict(config, config=dict(config.get("config") or {}, Labels={"push": f"{n} {time.time()}"}))
    bytes_ = json.dumps(config).encode()
    digest = "sha256:" + hashlib.sha256(bytes_).hexdigest()
    _, headers = ask(f"{registry}/v2/{REPOSITORY}/blobs/uploads/", "POST", b"")
    at = headers["Location"]
    ask(f"{at}{'&' if '?' in at else '?'}digest={digest}", "PUT", bytes_, Content_Type="application/octet-stream")
    body = json.dumps(dict(read, config=dict(read["config"], digest=digest, size=len(bytes_)))).encode()
    ask(f"{registry}/v2/{REPOSITORY}/manifests/push-{n}", "PUT", body, Content_Type=kind)
    return "sha256:" + hashlib.sha256(body).hexdigest()


def main():
    args = sys.argv[1:sys.argv.index("--")]
    command, lost = sys.argv[sys.argv.index("--") + 1:], "--lost" in args
    work, ports, started = tempfile.mkdtemp(prefix="pushes."), (free(), free()), []
    registry, api, host = f"http://127.0.0.1:{ports[0]}", f"http://127.0.0.1:{ports[1]}", f"127.0.0.1:{ports[0]}"
    subprocess.run(["cp", "-as", os.path.abspath(args[0]), f"{work}/storage"], check=True)
    hook = "" if lost else f"""
notifications:
  endpoints:
    - {{name: basewatch, url: "{api}/webhooks/distribution", headers: {{Authorization: ["{SECRET}"]}}, timeout: 5s, threshold: 5, backoff: 1s}}"""
    with open(f"{work}/registry.yml", "w") as f:
        f.write(f"""version: 0.1
log: {{level: error, accesslog: {{disabled: true}}}}
storage: {{filesystem: {{rootdirectory: "{work}/storage"}}}}
http: {{addr: "{host}", secret: x}}{hook}
""")
    with open(f"{work}/basewatch.yml", "w") as f:
        f.write(f"""basewatch:
  registries:
    - {{url: "{registry}", interval: {"10s" if lost else "1h"}}}
  watcher:
    webhooks:
      - {{kind: distribution, registry: "{host}", secret: "{SECRET}"}}
""")
    try:
        for name, line in (("registry", ["docker-registry", "serve", f"{work}/registry.yml"]),
                           ("basewatch", command + ["serve", "--config", f"{work}/basewatch.yml", "--data", f"{work}/data",
                                                    "--port", str(ports[1])])):
            log = open(f"{work}/{name}.log", "w")
            started.append(subprocess.Popen(line, stdout=log, stderr=log))
        until("first sweep", 300, lambda: (answer(f"{api}/api/v1/registries/{host}") or {}).get("lastSweep"))
        read, kind, config = manifest(registry)
        known, done = [], []
        for n in range(-1, PUSHES):
            digest = push(registry, read, kind, config, n)
            began = time.time()
            until("event", 120, lambda: answer(f"{api}/api/v1/tags?image={digest}").get("items"))
            heard = time.time() - began
            until("result", 120, lambda: (answer(f"{api}/api/v1/images/{digest}") or {}).get("status", "pending") != "pending")
            if n >= 0:  # The first one waits for what the first sweep found.
                known.append(heard)
                done.append(time.time() - began)
            time.sleep(0.37 * (n % 7))
        # What the registry says of our own looks must not have us look again.
        asked = (answer(f"{api}/api/v1/registries/{host}") or {})["budget"]["requests"]
        time.sleep(3)
        print(f"requests in 3 s of silence: {answer(f'{api}/api/v1/registries/{host}')['budget']['requests'] - asked}")
        for what, all_ in (("the fleet knows the tag", known), ("the image is analysed", done)):
            print(f"{what}: median {statistics.median(all_):.2f} s, longest {max(all_):.2f} s ({len(all_)} pushes)")
        for line in ask(f"{api}/actuator/prometheus")[0].decode().splitlines():
            if line.startswith(("basewatch_watcher_change_to_event_seconds", "basewatch_analyzer_event_to_result_seconds")):
                if "_bucket" not in line and ("said" in line or "looked" in line or "live" in line):
                    print(line)
        print(f"load {os.getloadavg()[0]:.0f}")
    finally:
        for process in reversed(started):
            process.send_signal(signal.SIGTERM)
            process.wait()
        shutil.rmtree(work, ignore_errors=True)


main()
