"""A multilayer perceptron in symbols, bound to arrays by hand."""

import json

import mxgluon_compat as mx
from mxgluon_compat import sym


def get_symbol(num_classes=10, **kwargs):
    data = mx.sym.Variable("data")
    label = mx.symbol.Variable(name="softmax_label", shape=(0,))
    data = mx.sym.Flatten(data=data)
    fc1 = mx.sym.FullyConnected(data=data, name="fc1", num_hidden=16)
    act1 = mx.sym.Activation(data=fc1, name="relu1", act_type="relu")
    bn = mx.sym.BatchNorm(act1, fix_gamma=False, eps=2e-5, momentum=0.9, name="bn")
    drop = mx.sym.Dropout(bn, p=0.1)
    fc2 = mx.symbol.FullyConnected(drop, name="fc2", num_hidden=num_classes, attr={"__lr_mult__": "0.1"})
    return mx.sym.SoftmaxOutput(data=fc2, label=label, name="softmax")


net = get_symbol()
arg_shapes, out_shapes, aux_shapes = net.infer_shape(data=(8, 4, 4))
shapes = dict(zip(net.list_arguments(), arg_shapes))
print(shapes["fc1_weight"], out_shapes, net.list_auxiliary_states(), aux_shapes)

executor = net.simple_bind(ctx=mx.cpu(), data=(8, 4, 4), softmax_label=(8,))
for name, array in executor.arg_dict.items():
    if name.endswith("weight"):
        array[:] = mx.nd.random.uniform(-0.1, 0.1, shape=array.shape)
executor.arg_dict["data"][:] = mx.nd.random.normal(shape=(8, 4, 4))
executor.arg_dict["softmax_label"][:] = mx.nd.arange(8)
for _ in range(3):
    outputs = executor.forward(is_train=True)
    executor.backward()
    for name, gradient in zip(net.list_arguments(), executor.grad_arrays):
        if name not in ("data", "softmax_label") and gradient is not None:
            mx.nd.sgd_update(executor.arg_dict[name], gradient, lr=0.1, wd=1e-4, out=executor.arg_dict[name])
print(outputs[0].asnumpy().argmax(axis=1), executor.outputs[0].shape)

internals = net.get_internals()
features = internals["relu1_output"]
group = mx.sym.Group([features, mx.sym.BlockGrad(net)])
print(group.list_outputs(), internals.list_outputs()[-1], features.name, net.attr("name"))

a, b = sym.Variable("a"), sym.Variable("b")
c = sym.broadcast_add((a + b) * 2 - a / (b**2), sym.concat(a, b, dim=0).sum(axis=0, keepdims=True))
top = sym.topk(c, k=1, ret_typ="both")
left, right = sym.split(sym.concat(a, b, dim=1), num_outputs=2, axis=1)
both = sym.Group([c, *top, left, right, sym.contrib.box_iou(a, b), sym.linalg.gemm2(a, b, transpose_b=True)])
values = both.eval(ctx=mx.cpu(), a=mx.nd.ones((2, 4)), b=mx.nd.ones((2, 4)) * 3)
graph = json.loads(both.tojson())
restored = sym.load_json(both.tojson())
print(len(values), values[0].asnumpy().sum(), len(graph["nodes"]), restored.list_arguments(), len(both), both[0].name)
