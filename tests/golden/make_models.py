"""Reference values for the backbones: activations after every stage, gradients, and what plain weight files hold.

    pip install numpy==2.4.6 torch==2.15.0 torchvision==0.29.2 timm==1.0.31
    python tests/golden/make_models.py

Writes tests/golden/models.json and tests/golden/weight_files.json. Everything is computed in float64, from weights and
images that both sides draw by the same formula, so none is stored:

    unit(name, i)  =  top 53 bits of splitmix64(fnv1a64(name) + (i + 1) * golden) as a number in [-1, 1)

`name` is timm's or torchvision's name of the parameter ("images" for the input), `i` the place in the flattened tensor.
Of every tensor 64 values are stored, those at the places (k * 7919) mod length, with the mean and the root mean square.
"""

import json
import math
from pathlib import Path

import numpy as np
import timm
import torch
import torchvision

MASK = (1 << 64) - 1
GOLDEN = 0x9E3779B97F4A7C15


def units(name, count):
    seed = 0xCBF29CE484222325
    for byte in name.encode():
        seed = ((seed ^ byte) * 0x100000001B3) & MASK
    z = np.uint64(seed) + np.arange(1, count + 1, dtype=np.uint64) * np.uint64(GOLDEN)
    z = (z ^ (z >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    z = (z ^ (z >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    z = z ^ (z >> np.uint64(31))
    return (z >> np.uint64(11)).astype(np.float64) * 2.0**-52 - 1.0


def drawn(name, shape):
    unit = units(name, math.prod(shape))
    if len(shape) > 1:
        value = unit * math.sqrt(6 / math.prod(shape[1:]))
    elif name.endswith("running_var"):
        value = 1 + 0.3 * unit
    elif name.endswith(("running_mean", "bias")):
        value = 0.1 * unit
    else:
        value = 1 + 0.2 * unit
    return torch.from_numpy(value.astype(np.float32).reshape(shape))


def fill(model):
    weights = {name: drawn(name, tuple(t.shape)) for name, t in model.state_dict().items() if t.is_floating_point()}
    model.load_state_dict(weights, strict=False)
    return model.double().eval()


def glimpse(tensor):
    flat = tensor.detach().flatten()
    places = (torch.arange(64) * 7919) % len(flat)
    return {
        "shape": list(tensor.shape),
        "values": [float(f"{v:.9g}") for v in flat[places].tolist()],
        "mean": flat.mean().item(),
        "rms": flat.square().mean().sqrt().item(),
    }


def vgg16():
    model = torchvision.models.vgg16()
    model.classifier = torch.nn.Identity()
    fill(model)
    ends = [4, 9, 16, 23, 30]
    return model, [model.features[a + 1 : b + 1] for a, b in zip([-1] + ends, ends)]


def resnet50(stride_first, epsilon):
    model = torchvision.models.resnet50()
    for module in model.modules():
        if isinstance(module, torch.nn.BatchNorm2d):
            module.eps = epsilon
        if stride_first and isinstance(module, torchvision.models.resnet.Bottleneck):
            module.conv1.stride, module.conv2.stride = module.conv2.stride, module.conv1.stride
    fill(model)
    stem = torch.nn.Sequential(model.conv1, model.bn1, model.relu, model.maxpool)
    return model, [stem, model.layer1, model.layer2, model.layer3, model.layer4]


def efficientnet_b0(name):
    model = fill(timm.create_model(name))
    last = torch.nn.Sequential(model.blocks[6], model.conv_head, model.bn2)
    return model, [torch.nn.Sequential(model.conv_stem, model.bn1), *model.blocks[:6], last]


def case(architecture, variant, size, made, parameters):
    model, stages = made
    images = torch.from_numpy(units("images", 2 * 3 * size * size).astype(np.float32)).double()
    images = images.reshape(2, 3, size, size).requires_grad_()
    x, outputs = images, []
    for stage in stages:
        x = stage(x)
        outputs.append(glimpse(x))
    # The gradients of the features' sum, each weighed by a number of its own.
    weighed = x * torch.from_numpy(units("weighing", x.numel()).astype(np.float32)).double().reshape(x.shape)
    weighed.sum().backward()
    weights = dict(model.named_parameters())
    gradients = {"images": glimpse(images.grad), **{name: glimpse(weights[name].grad) for name in parameters}}
    return {"architecture": architecture, "variant": variant, "size": size, "stages": outputs, "gradients": gradients}


def listing(model):
    return [[name, list(t.shape), str(t.dtype).removeprefix("torch.")] for name, t in model.state_dict().items()]


RESNET = ["conv1.weight", "layer2.0.conv2.weight", "layer2.0.downsample.0.weight", "layer4.2.bn3.weight"]
EFFICIENTNET = [
    "conv_stem.weight",
    "blocks.0.0.conv_dw.weight",
    "blocks.1.0.conv_dw.weight",
    "blocks.3.1.se.conv_reduce.bias",
    "blocks.5.2.conv_pw.weight",
    "bn2.bias",
]
cases = [
    # Small: the more ReLUs and maxima there are, the more stand so near their edge that rounding decides their gradient.
    case("vgg16", "configuration-d", 32, vgg16(), ["features.0.weight", "features.17.bias", "features.28.weight"]),
    case("resnet50", "v1.5", 64, resnet50(False, 1e-5), RESNET),
    case("resnet50", "v1", 64, resnet50(True, 1e-3), RESNET),
    case("efficientnet-b0", "symmetric", 64, efficientnet_b0("efficientnet_b0"), EFFICIENTNET),
    case("efficientnet-b0", "same", 64, efficientnet_b0("tf_efficientnet_b0"), EFFICIENTNET),
    # Sides that are odd on their way down: "same" pads otherwise there.
    case("efficientnet-b0", "same", 75, efficientnet_b0("tf_efficientnet_b0"), EFFICIENTNET),
]
files = {
    "torchvision vgg16": listing(torchvision.models.vgg16()),
    "torchvision resnet50": listing(torchvision.models.resnet50()),
    "torchvision efficientnet_b0": listing(torchvision.models.efficientnet_b0()),
    "timm efficientnet_b0": listing(timm.create_model("efficientnet_b0")),
    "timm tf_efficientnet_b0": listing(timm.create_model("tf_efficientnet_b0")),
}
here = Path(__file__).parent
(here / "models.json").write_text(json.dumps(cases, separators=(",", ":")).replace('{"arch', '\n{"arch') + "\n")
(here / "weight_files.json").write_text(json.dumps(files, separators=(",", ":")).replace("]],", "]],\n") + "\n")
