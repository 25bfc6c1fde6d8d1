"""Writes tests/golden/vision_transforms.json: gluon.data.vision.transforms of real MXNet, random ones by seed.

Run from the repository's root with an interpreter that has mxnet==1.9.1:
    PYTHON -m tests.oracle.vision_transforms
"""

import json

from tests.oracle.image_augmenters import seed
from tests.oracle.image_common import brief, kind, path, tried
from tests.oracle.scenario import attempt, plain, write


def makers(mx):
    t = mx.gluon.data.vision.transforms
    return {
        "Cast": t.Cast, "Cast float16": lambda: t.Cast("float16"), "Cast uint8": lambda: t.Cast("uint8"),
        "ToTensor": t.ToTensor,
        "Normalize": t.Normalize, "Normalize one": lambda: t.Normalize(3.5, 2.0),
        "Normalize three": lambda: t.Normalize((1.0, 2.0, 3.0), [4.0, 5.0, 6.0]),
        "Normalize two": lambda: t.Normalize((1.0, 2.0), 1.0),
        "Resize": lambda: t.Resize(21), "Resize pair": lambda: t.Resize((21, 12)),
        "Resize keep": lambda: t.Resize(21, True), "Resize keep pair": lambda: t.Resize((21, 12), keep_ratio=True),
        "Resize cubic": lambda: t.Resize((21, 12), interpolation=2),
        "Resize nearest": lambda: t.Resize(13, interpolation=0), "Resize area": lambda: t.Resize(20, False, 3),
        "Resize zero": lambda: t.Resize(0),
        "CenterCrop": lambda: t.CenterCrop(20), "CenterCrop pair": lambda: t.CenterCrop((20, 30)),
        "CenterCrop large": lambda: t.CenterCrop((90, 70), 2),
        "CropResize": lambda: t.CropResize(2, 3, 30, 20),
        "CropResize pair": lambda: t.CropResize(2, 3, 30, 20, (9, 8), 1),
        "CropResize number": lambda: t.CropResize(2, 3, 30, 20, 9, 2),
        "CropResize no mode": lambda: t.CropResize(2, 3, 30, 20, 9),
        "CropResize outside": lambda: t.CropResize(40, 3, 30, 20), "CropResize none": lambda: t.CropResize(0, 0, 0, 2),
        "RandomResizedCrop": lambda: t.RandomResizedCrop(20),
        "RandomResizedCrop pair": lambda: t.RandomResizedCrop((20, 15), (0.2, 0.5), (1, 2), 2),
        "RandomFlipLeftRight": t.RandomFlipLeftRight, "RandomFlipTopBottom": t.RandomFlipTopBottom,
        "RandomBrightness": lambda: t.RandomBrightness(0.4), "RandomBrightness 2": lambda: t.RandomBrightness(2),
        "RandomContrast": lambda: t.RandomContrast(0.4),
        "RandomHue": lambda: t.RandomHue(0.4), "RandomLighting": lambda: t.RandomLighting(0.4),
        "RandomColorJitter": lambda: t.RandomColorJitter(0.1, 0.2, 0, 0.4),
        "RandomColorJitter two": lambda: t.RandomColorJitter(0.1, hue=0.3),
        "Rotate": lambda: t.Rotate(30), "Rotate in": lambda: t.Rotate(-50.5, zoom_in=True),
        "Rotate out": lambda: t.Rotate(70, zoom_out=True), "Rotate both": lambda: t.Rotate(70, True, True),
        "RandomRotation": lambda: t.RandomRotation((-30, 40)),
        "RandomRotation often": lambda: t.RandomRotation((-30, 40), rotate_with_proba=0.5),
        "RandomRotation order": lambda: t.RandomRotation((40, -30)),
        "RandomRotation number": lambda: t.RandomRotation(40),
        "RandomRotation probability": lambda: t.RandomRotation((1, 2), rotate_with_proba=1.5),
        "RandomApply": lambda: t.RandomApply(t.Resize(20), 0.5),
        "RandomApply never": lambda: t.RandomApply(t.Cast(), 0),
        "RandomApply list": lambda: t.RandomApply([t.Resize(20)], 1),
        "Compose": lambda: t.Compose([t.Resize(30), t.CenterCrop(20), t.ToTensor(), t.Normalize(0.5, 0.25)]),
        "Compose random": lambda: t.Compose([
            t.RandomResizedCrop(20), t.RandomFlipLeftRight(), t.RandomColorJitter(0.1, 0.1, 0, 0.1),
            t.RandomLighting(0.1), t.ToTensor(), t.Normalize((0.5, 0.4, 0.3), (0.2, 0.2, 0.2)),
        ]),
        "Compose functions": lambda: t.Compose([t.Resize(20), lambda x: x.flip(axis=0), t.ToTensor()]),
        "Compose nothing": lambda: t.Compose([]), "Compose hybrid": lambda: t.Compose([t.Resize(20), t.ToTensor()]),
        "Compose nested": lambda: t.Compose([t.Compose([t.Resize(20)]), t.RandomApply(t.ToTensor(), 1.0)]),
    }  # fmt: skip


def parts(block):
    """The classes of a Block and of those in it, and which of them are hybridized."""
    active = getattr(block, "_active", None)
    return [type(block).__name__, active, [parts(child) for child in getattr(block, "_children", {}).values()]]


# MXNet leaves pictures of one channel unset.
UNSET = ("RandomHue", "RandomLighting", "RandomColorJitter", "RandomColorJitter two")


def draws(name):
    return 3 if "Random" in name or "random" in name else 1


def graph(mx, block):
    nodes = json.loads(block(mx.sym.var("data")).tojson())["nodes"]
    return [[node["op"], node.get("attrs", {})] for node in nodes]


def results(mx):
    found = {}
    image = mx.image.imread(path("photo0.jpg"))
    floats = image.astype("float32")
    chw = floats.transpose((2, 0, 1)) / 255
    gray = mx.image.imread(path("photo0.jpg"), 0)
    inputs = {
        "uint8": image, "float32": floats, "tensor": chw, "gray": gray,
        "batch": mx.nd.stack(image, image[::-1]), "float batch": mx.nd.stack(floats, floats[::-1]),
        "tensor batch": mx.nd.stack(chw, chw[:, ::-1]),
    }  # fmt: skip
    for name, make in makers(mx).items():
        made = attempt(make)
        if isinstance(made, dict) and "raises" in made:
            found[name + " refused"] = made
            continue
        found[name + " repr"] = repr(make()).split(" at 0x")[0]
        found[name + " parts"] = parts(make())
        for form, data in inputs.items():
            block = make()
            if form == "gray" and name in UNSET:
                continue
            seed(mx)
            found["%s: %s" % (name, form)] = [kind(tried(block, data)) for _ in range(draws(name))]
        block = make()
        if isinstance(block, mx.gluon.HybridBlock):
            for form in ("uint8", "tensor", "tensor batch"):
                block = make()
                block.hybridize()
                seed(mx)
                found["%s hybridized: %s" % (name, form)] = [tried(block, inputs[form]) for _ in range(draws(name))]
            found[name + " graph"] = attempt(graph, mx, make())
    transforms = mx.gluon.data.vision.transforms
    net = transforms.Compose([transforms.Resize(20), transforms.ToTensor()])
    found["several sizes"] = [tried(net, image[:n, : 2 * n]) for n in (10, 20, 25, 10)]
    dataset = mx.gluon.data.SimpleDataset([(image, 1), (image[:30], 2)])
    loader = mx.gluon.data.DataLoader(dataset.transform_first(net), 2)
    found["loader"] = [plain(brief(list(batch))) for batch in loader]
    return found


if __name__ == "__main__":
    import mxnet

    write("vision_transforms", results(mxnet))
