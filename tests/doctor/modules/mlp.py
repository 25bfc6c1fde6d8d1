"""A script of the Module API, with an executor beside it."""
import argparse
import os, sys

import mxnet as mx
import mxnet.symbol as S
import numpy as np


def get_symbol(num_classes=3):
    data = mx.symbol.Variable("data")
    fc1 = mx.sym.FullyConnected(data=data, name="fc1", num_hidden=8)
    act1 = S.Activation(data=fc1, name="relu1", act_type="relu")
    fc2 = mx.sym.FullyConnected(act1, name="fc2", num_hidden=num_classes)
    return mx.sym.SoftmaxOutput(data=fc2, name="softmax")


def by_executor(batch=4):
    net = get_symbol()
    names = net.list_arguments()
    executor = net.simple_bind(ctx=mx.cpu(), data=(batch, 5), softmax_label=(batch,))
    initializer = mx.init.Uniform(0.1)
    for name, array in executor.arg_dict.items():
        if name not in ("data", "softmax_label"):
            initializer(mx.init.InitDesc(name), array)
    updater = mx.optimizer.get_updater(mx.optimizer.create("sgd", learning_rate=0.1))
    executor.forward(is_train=True, data=mx.nd.ones((batch, 5)), softmax_label=mx.nd.zeros((batch,)))
    executor.backward()
    for i, name in enumerate(names):
        if name not in ("data", "softmax_label"):
            updater(i, executor.grad_dict[name], executor.arg_dict[name])
    return executor.outputs[0].asnumpy(), net.tojson()


def by_module(train, epochs):
    iterator = mx.io.NDArrayIter(train, np.zeros(len(train)), 4, shuffle=True, label_name="softmax_label")
    mod = mx.mod.Module(symbol=get_symbol(), context=mx.cpu())
    mod.fit(
        iterator,
        eval_metric="acc",
        optimizer_params={"learning_rate": 0.1},
        batch_end_callback=mx.callback.Speedometer(4, 50),
        epoch_end_callback=mx.callback.do_checkpoint("mlp"),
        num_epoch=epochs,
    )
    return mod.score(iterator, mx.metric.Accuracy())


def gradients_of(symbol):
    return symbol.gradient(["fc1_weight"])


def of_list():
    return get_symbol().gradient(["fc1_weight"])


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--module", action="store_true")
    by_module(np.ones((8, 5)), 1) if parser.parse_args([]).module else by_executor()
