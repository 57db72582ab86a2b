#!/bin/sh
# Makes the descriptions of well-known bases that lie in src/main/resources/io/basewatch/caveats/kept/bases, and their list.
#
#   describe-bases.sh ALPINE OUT
#
# ALPINE: where the images of Alpine's releases are, as registry/repository. Those of Debian and of distroless are put together here of Debian's
# packages, by mmdebstrap (Debian package of that name; root is needed). OUT: a folder.
set -eu
alpine=$1
out=$2
basewatch=${BASEWATCH:-$(dirname "$0")/../../basewatch}
mirror=http://deb.debian.org/debian
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
mkdir -p "$out"
echo "# name, architecture, file; made by describe-bases.sh" > "$out/list.txt"

# describe REF NAME ARCHITECTURE SOURCE
describe() {
    file=$(echo "$2-$3" | tr ':/' '--').base
    "$basewatch" describe "$1" --name "$2" --platform "linux/$3" --source "$4" --out "$out/$file"
    echo "$2 $3 $file" >> "$out/list.txt"
}

for release in 3.6.5 3.12.12 3.15.11 3.17.10 3.18.9 3.20.3; do
    describe "$alpine:$release" "alpine:$release" amd64 "Alpine's own root file system $release (alpinelinux/docker-alpine)"
done
describe "$alpine:3.20.3" "alpine:3.20.3" arm64 "Alpine's own root file system 3.20.3 (alpinelinux/docker-alpine)"

# packages SUITE FOLDER PACKAGE...: unpacked, nothing of them is run
packages() {
    suite=$1
    folder=$2
    shift 2
    mkdir -p "$work/debs" "$folder"
    rm -f "$work/debs"/*.deb
    chroot "$work/$suite" sh -c "apt-get -qq update && cd /tmp && rm -f *.deb && apt-get -qq download $*"
    cp "$work/$suite"/tmp/*.deb "$work/debs"
    for deb in "$work/debs"/*.deb; do
        dpkg-deb -x "$deb" "$folder"
    done
}

for each in 11:bullseye 12:bookworm 13:trixie; do
    number=${each%%:*}
    suite=${each##*:}
    mmdebstrap --quiet --variant=minbase "$suite" "$work/$suite" "$mirror"
    describe "dir:$work/$suite" "debian:$number-slim" amd64 "packages of Debian $number's minimal system, not the published image"
    mmdebstrap --quiet --variant=extract --architectures=arm64 --include='?or(?essential,?priority(required))' \
        "$suite" "$work/$suite-arm64" "$mirror"
    describe "dir:$work/$suite-arm64" "debian:$number-slim" arm64 "packages of Debian $number's minimal system, unpacked; not the published image"
    case $number in
        12) base="libc6 libssl3" ;;
        13) base="libc6 libssl3t64 zlib1g libzstd1" ;;
        *) continue ;;
    esac
    static="base-files netbase tzdata ca-certificates"
    packages "$suite" "$work/static" $static
    describe "dir:$work/static" "distroless/static-debian$number" amd64 "Debian $number packages $static; not the published image"
    packages "$suite" "$work/base" $static $base
    describe "dir:$work/base" "distroless/base-debian$number" amd64 "Debian $number packages $static $base; not the published image"
    packages "$suite" "$work/cc" $static $base libgcc-s1 libgomp1 libstdc++6
    describe "dir:$work/cc" "distroless/cc-debian$number" amd64 "Debian $number packages $static $base libgcc-s1 libgomp1 libstdc++6; not the published image"
    rm -rf "$work/static" "$work/base" "$work/cc" "$work/$suite" "$work/$suite-arm64"
done
