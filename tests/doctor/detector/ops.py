import importlib

import mxnet.ndarray as N

from common import F, ctx, mx, nd

nn = importlib.import_module("mxnet.gluon.nn")


class Scale(mx.operator.CustomOp):
    def forward(self, is_train, req, in_data, out_data, aux):
        self.assign(out_data[0], req[0], in_data[0] * 2)

    def backward(self, req, out_grad, in_data, out_data, in_grad, aux):
        self.assign(in_grad[0], req[0], out_grad[0] * 2)


@mx.operator.register("detector_scale")
class ScaleProp(mx.operator.CustomOpProp):
    def __init__(self):
        super(ScaleProp, self).__init__(need_top_grad=True)

    def list_arguments(self):
        return ["data"]

    def infer_shape(self, in_shape):
        return in_shape, in_shape, []

    def create_operator(self, ctx, shapes, dtypes):
        return Scale()


class Head(nn.HybridBlock):
    def __init__(self, classes, anchors):
        super(Head, self).__init__()
        self.conv = nn.Conv2D(anchors * (classes + 1), 3, padding=1)

    def hybrid_forward(self, F, x):
        return F.flatten(F.transpose(self.conv(x), axes=(0, 2, 3, 1)))


def detect():
    x = nd.random.normal(shape=(1, 3, 4, 4), ctx=ctx)
    anchors = F.contrib.MultiBoxPrior(x, sizes=[0.5, 0.3], ratios=[1, 2])
    head = Head(2, 3)
    head.initialize()
    scores = head(x).reshape((1, -1, 3)).transpose(axes=(0, 2, 1))
    scores = F.softmax(scores, axis=1)
    locations = N.zeros((1, 48 * 4))
    found = F.contrib.MultiBoxDetection(scores, locations, anchors, nms_threshold=0.5)
    x.attach_grad()
    with mx.autograd.record():
        doubled = nd.Custom(x, op_type="detector_scale")
    doubled.backward()
    total = 0
    for name in ("sum", "mean"):
        total = total + getattr(nd, name)(doubled)
    return found.asnumpy(), total.asscalar()


def by_name(name, x):
    return getattr(mx.nd, name)(x)


def of_newer_mxnet(x):
    return mx.nd.no_such_operator(x)


def of_the_library(x):
    return mx.base._LIB.MXNDArrayWaitAll()


def where_is_it():
    return mx.libinfo.find_lib_path()
