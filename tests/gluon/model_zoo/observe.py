"""What the nets of the model zoo are and do, observed the same way on both sides: real MXNet (Python 3.8) and ours.

Every function takes the package (``mxnet`` or ``mxgluon_compat``) as ``mx``.
"""

import os
import zlib
from collections import OrderedDict

import numpy as np

CLASSES = 10
# family: (batch size, height and width). Each net's least size, and images enough for BatchNorm to be well conditioned.
SIZES = {
    "alexnet": (2, 95), "densenet": (1, 221), "inception": (1, 299), "mobilenet": (4, 64), "resnet": (2, 64),
    "squeezenet": (1, 224), "vgg": (2, 32),
}  # fmt: skip
NAMES = [
    "alexnet", "densenet121", "densenet161", "densenet169", "densenet201", "inceptionv3", "mobilenet0.25",
    "mobilenet0.5", "mobilenet0.75", "mobilenet1.0", "mobilenetv2_0.25", "mobilenetv2_0.5", "mobilenetv2_0.75",
    "mobilenetv2_1.0", "resnet101_v1", "resnet101_v2", "resnet152_v1", "resnet152_v2", "resnet18_v1", "resnet18_v2",
    "resnet34_v1", "resnet34_v2", "resnet50_v1", "resnet50_v2", "squeezenet1.0", "squeezenet1.1", "vgg11", "vgg11_bn",
    "vgg13", "vgg13_bn", "vgg16", "vgg16_bn", "vgg19", "vgg19_bn",
]  # fmt: skip
# Those without BatchNorm, whose gradients can be compared in float32 too.
PLAIN = ("alexnet", "squeezenet1.0", "squeezenet1.1", "vgg11", "vgg13", "vgg16", "vgg19")
# Others, made by these texts; ``zoo`` is ``gluon.model_zoo``, ``vision`` its module. With a size they are run too.
OTHERS = {
    "vision.resnet18_v1(thumbnail=True, classes=10)": None,
    "vision.resnet50_v2(thumbnail=True, prefix='net_', classes=4)": None,
    "vision.ResNetV1(vision.BottleneckV1, [1, 2], [8, 8, 16], classes=10)": (4, 32),
    "vision.ResNetV2(vision.BottleneckV2, [2, 1], [8, 16, 24], classes=10, thumbnail=True)": (4, 9),
    "vision.ResNetV1(vision.BasicBlockV1, [1, 1], [4, 4, 8], 10, True, prefix='small_')": (4, 9),
    "vision.BasicBlockV1(8, 2, True, 4)": (4, 9),
    "vision.BasicBlockV2(4, 1, in_channels=3)": None,
    "vision.BottleneckV1(8, 2, True)": (4, 9),
    "vision.BottleneckV2(8, 1, True, prefix='block_')": (4, 9),
    "vision.DenseNet(8, 4, [1, 2], bn_size=2, dropout=0.3, classes=10)": (2, 60),
    "vision.DenseNet(6, 3, (2, 1, 1), prefix='dense_')": None,
    "vision.MobileNet(0.3, 10)": (4, 64),
    "vision.MobileNetV2(multiplier=0.3, classes=10)": (4, 64),
    "vision.MobileNetV2(1.25, classes=4, prefix='wide_')": None,
    "vision.get_mobilenet(1.5, classes=4)": None,
    "vision.mobilenet.LinearBottleneck(4, 4, 2, 1)": None,
    "vision.mobilenet.LinearBottleneck(3, 6, 3, 2, prefix='bottle_')": (4, 9),
    "vision.mobilenet.RELU6()": None,
    "vision.VGG([1, 2], [4, 8], classes=10)": (2, 8),
    "vision.VGG([1], [4], batch_norm=True, prefix='vgg_')": None,
    "vision.vgg11_bn(batch_norm=False, classes=4)": None,
    "vision.SqueezeNet('1.1', classes=4, prefix='squeeze_')": None,
    "vision.AlexNet(classes=4, prefix='alex_')": None,
    "vision.Inception3(4, prefix='inception_')": None,
    "vision.inception.make_aux(10)": (2, 17),
    "vision.get_model('ResNet18_V1', classes=4)": None,
    "vision.resnet18_v1(ctx=mx.cpu(1), root='nowhere', classes=4)": None,
}
CHANNELS = {"vision.inception.make_aux(10)": 16, "vision.BasicBlockV1(8, 2, True, 4)": 4}  # others take pictures of 3


RUN = NAMES + [text for text, size in OTHERS.items() if size]


def steps(text, dtype):
    """Whether the gradients of a net are compared in a dtype."""
    return (dtype == "float32") == (text in PLAIN)


def make(mx, text):
    """The net of that name, for ``CLASSES``, or what the text makes; automatic names start from 0."""
    zoo = mx.gluon.model_zoo
    with mx.name.NameManager():
        if text in NAMES:
            return zoo.vision.get_model(text, classes=CLASSES)
        return eval(text, {"mx": mx, "zoo": zoo, "vision": zoo.vision})


def _tree(block, path):
    rows = [[path, type(block).__name__, block.prefix]]
    for name, child in block._children.items():
        rows += _tree(child, path + "." + name)
    return rows


def describe(mx, text):
    """What can be seen of a net before it runs: repr, Blocks with their prefixes, Parameters, symbol JSON."""
    net = make(mx, text)
    params = net.collect_params()
    with mx.name.NameManager():
        json = net(mx.sym.var("data")).tojson()
    return {
        "repr": repr(net),
        "blocks": _tree(net, ""),
        "params": [
            [n, list(p.shape), np.dtype(p.dtype).name, p.grad_req, getattr(p.init, "dumps", lambda p=p: p.init)(),
             p.lr_mult, p.wd_mult]
            for n, p in params.items()
        ],
        "structure": list(net._collect_params_with_prefix()),
        "json": json,
    }  # fmt: skip


# ---------------------------------------------------------------------------------------------- running
# Weights repeat these numbers, each from another place on.
_NUMBERS = np.random.RandomState(3).standard_normal(1000003).astype("float32")


def _numbers(text, shape):
    start = zlib.crc32(text.encode()) % _NUMBERS.size
    size = int(np.prod(shape))
    whole = np.tile(_NUMBERS, (start + size) // _NUMBERS.size + 1)
    return whole[start : start + size].reshape(shape)


def value(name, shape):
    """A Parameter's values, from its name and shape: of a size that keeps the outputs of all layers near 1."""
    drawn = _numbers(name, shape)
    if name.endswith("weight"):
        return drawn * np.float32((2.0 / np.prod(shape[1:])) ** 0.5)
    if name.endswith(("gamma", "var")):
        return np.float32(0.5 if name.endswith("gamma") else 1.0) + np.abs(np.tanh(drawn)) * np.float32(0.5)
    return drawn * np.float32(0.1)


def pictures(mx, text, dtype):
    """(data, labels) for a net."""
    family = next((f for f in SIZES if text.startswith(f)), None)
    batch, size = SIZES[family] if text in NAMES else OTHERS[text]
    data = _numbers("data of " + text, (batch, CHANNELS.get(text, 3), size, size))
    return mx.nd.array(data, dtype=dtype), mx.nd.array(np.arange(batch) * 3 % CLASSES, dtype=dtype)


def fill(mx, net, states_only=False):
    """Gives Parameters the values of ``value``; ``states_only``: only those that running changes."""
    for name, param in net.collect_params().items():
        if not states_only or "running_" in name:
            param.set_data(mx.nd.array(value(name, param.shape), dtype=param.dtype))


def run(mx, text, dtype, faces, step=True, folder=None):
    """Runs a net.

    In float32, elements near 0 fall on the other side of relu with the order of sums, and gradients of deep nets with
    BatchNorm differ by some percent; so these are compared in float64.

    Args:
        faces: of ``imperative``, ``hybrid``, which takes a step of SGD at the end, and ``import``, of what ``hybrid``
            exports into ``folder`` then.
        step: False: predict mode only.

    Returns:
        {face: {predict, loss, norms, products, after: array}}: the output in predict mode; each example's loss; of each
        Parameter with a gradient, the gradient's norm and its product with given numbers; the output after the step.
    """
    net = make(mx, text)
    net.cast(dtype)
    data, label = pictures(mx, text, dtype)
    net.initialize(mx.init.Zero())
    net.infer_shape(data)
    fill(mx, net)
    found = OrderedDict()
    for face in faces:
        if face == "import":
            names = [os.path.join(folder, "net-" + end) for end in ("symbol.json", "0000.params")]
            last = mx.gluon.SymbolBlock.imports(names[0], ["data"], names[1])(data).asnumpy()
            found[face] = {"after" if step else "predict": last}
            continue
        if face == "hybrid":
            net.hybridize()
        found[face] = {"predict": net(data).asnumpy()}
        if step:
            found[face].update(_gradients(mx, net, data, label))
            if face == "hybrid":
                rate = len(data) / float(found[face]["norms"].max())  # so that no weights are carried far away
                trainer = mx.gluon.Trainer(net.collect_params(), "sgd", {"learning_rate": rate, "wd": 1e-3})
                trainer.step(len(data))
                found[face]["after"] = net(data).asnumpy()
            else:
                fill(mx, net, states_only=True)
        if face == "hybrid" and folder:
            net.export(os.path.join(folder, "net"))
    return found


def _gradients(mx, net, data, label):
    """What a pass in train mode gives: the losses, and of each gradient two numbers."""
    mx.random.seed(7)
    with mx.autograd.record():
        out = net(data)
        loss = mx.gluon.loss.SoftmaxCrossEntropyLoss()(out.reshape((len(data), -1)), label)
    loss.backward()
    gradients = [(n, p.grad().asnumpy()) for n, p in net.collect_params().items() if p.grad_req != "null"]
    return {
        "loss": loss.asnumpy(),
        "norms": np.array([np.linalg.norm(g) for _, g in gradients], dtype="float32"),
        "products": np.array([np.vdot(g, _numbers(n + "_grad", g.shape)) for n, g in gradients], dtype="float32"),
    }
