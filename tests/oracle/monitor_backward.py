"""Writes tests/golden/monitor_backward.json: what a Monitor shows of a Module's backward pass.

Run from the repository's root with an interpreter that has mxnet==1.9.1:
    MXNET_MKLDNN_ENABLED=0 PYTHON -m tests.oracle.monitor_backward
"""

from tests.oracle.scenario import write


def small(mx):
    sym = mx.sym
    x = sym.FullyConnected(sym.var("data"), num_hidden=2, name="fc0")
    x = sym.FullyConnected(sym.Activation(x, act_type="sigmoid", name="act0"), num_hidden=2, name="fc1")
    return sym.LinearRegressionOutput(sym.Activation(x, act_type="sigmoid", name="act1"), name="softmax", grad_scale=2)


def convolutional(mx):
    sym = mx.sym
    x = sym.Convolution(sym.var("data"), kernel=(3, 3), num_filter=4, no_bias=True, name="conv")
    x = sym.Activation(sym.BatchNorm(x, fix_gamma=False, name="bn"), act_type="relu", name="relu")
    x = sym.Pooling(x, kernel=(2, 2), stride=(2, 2), pool_type="avg", name="pool")
    x = sym.broadcast_mul(x, sym.var("scale_weight", shape=(1, 4, 1, 1)), name="scale")
    x = sym.FullyConnected(sym.Flatten(sym.exp(x * 0.01, name="exp"), name="flat"), num_hidden=3, name="fc")
    return sym.SoftmaxOutput(sym.sqrt(sym.square(x, name="square") + 1, name="root"), name="softmax")


def rows(mx, symbol, shape, label):
    net = mx.mod.Module(symbol)
    net.bind([("data", shape)], [("softmax_label", label)])
    net.init_params(mx.init.Constant(0.1))
    weights, _ = net.get_params()
    for k, name in enumerate(sorted(weights)):
        values = mx.nd.sin(mx.nd.arange(weights[name].size) + k) / 2
        weights[name][:] = values.reshape(weights[name].shape)
    net.set_params(weights, {}, allow_missing=True)
    monitor = mx.mon.Monitor(1)
    net.install_monitor(monitor)
    monitor.tic()
    data = mx.nd.cos(mx.nd.arange(shape[0] * 64 if len(shape) > 2 else 4)).reshape(shape)
    net.forward_backward(mx.io.DataBatch([data], [mx.nd.ones(label)]))
    return [(name, float(value)) for _, name, value in monitor.toc()]


def results(mx):
    with mx.name.NameManager():
        return {
            "small": rows(mx, small(mx), (2, 2), (2, 2)),
            "convolutional": rows(mx, convolutional(mx), (2, 1, 8, 8), (2,)),
        }


if __name__ == "__main__":
    import mxnet

    write("monitor_backward", results(mxnet))
